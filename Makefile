# Outgate. `make demo` and `make check` install what is missing by themselves.
PREFIX     ?= /usr
SYSCONFDIR ?= /etc
DESTDIR    ?=
BUILD      ?= build
CC         ?= cc
CFLAGS     ?= -O2 -g
AR         ?= ar

# libraries each part may use; --as-needed drops those it does not
PKGS    = opendkim jansson libpcre2-8 libidn2 libcrypt libcrypto
WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
          -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 $(WERROR)
HARDEN  = -fstack-protector-strong -D_FORTIFY_SOURCE=2
BASE    = -std=gnu11 -D_GNU_SOURCE -fPIC -fvisibility=hidden -I. -MMD -MP $(WARN) $(HARDEN) \
          -DOG_PREFIX='"$(PREFIX)"' -DOG_SYSCONFDIR='"$(SYSCONFDIR)"'
FLAGS   = $(BASE) $(shell pkg-config --cflags $(PKGS)) -isystem /usr/include/exim4 $(CFLAGS)
LIBS    = $(shell pkg-config --libs $(PKGS)) -ldb-5.3
LINK    = $(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed,-z,now,-z,relro

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(addsuffix /*.c,$(1))))
CORE   := $(call objects,core/base core/lib core/state core/check core/mail)
PORT   := $(call objects,core/exim)
UNIT   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
.SECONDARY:

all:
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -c $< -o $@
$(BUILD)/core.a: $(CORE)
	@rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/core.a
	$(LINK) -o $@ $^ $(LIBS) -lcmocka

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
