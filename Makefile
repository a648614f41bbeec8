# Outgate. `make demo` and `make check` install what is missing by themselves.
PREFIX     ?= /usr
SYSCONFDIR ?= /etc
DESTDIR    ?=
BUILD      ?= build
CC         ?= cc
CFLAGS     ?= -O2 -g
AR         ?= ar
INSTALL    ?= install

# libraries each part may use; --as-needed drops those it does not
PKGS    = opendkim jansson libpcre2-8 libidn2 libcrypt libcrypto nettle libxml-2.0 gmime-3.0 libclamav zlib libsystemd libseccomp
WARN    = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
          -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 $(WERROR)
HARDEN  = -fstack-protector-strong -D_FORTIFY_SOURCE=2
VERSION = $(shell sed -n 's/^\([0-9][^ ]*\).*/\1/p;/^[0-9]/q' CHANGELOG)
BASE    = -std=gnu11 -D_GNU_SOURCE -fPIC -fvisibility=hidden -I. -MMD -MP $(WARN) $(HARDEN) \
          -DOG_SYSCONFDIR='"$(SYSCONFDIR)"' -DOG_BINDIR='"$(PREFIX)/bin"' \
          -DOG_DATADIR='"$(PREFIX)/share/outgate"' \
          -DOG_VERSION='"$(VERSION)"'
FLAGS   = $(BASE) $(shell pkg-config --cflags $(PKGS)) -isystem /usr/include/exim4 $(CPPFLAGS) $(CFLAGS)
LIBS    = $(shell pkg-config --libs $(PKGS)) -ldb-5.3
LINK    = $(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed,-z,now,-z,relro
QUIET   = $(if $(V),,@echo "  $(@:$(BUILD)/%=%)";)

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(addsuffix /*.c,$(1))))
CORE   := $(call objects,core/base core/lib core/macro core/scan core/state core/check core/mail)
PORT   := $(call objects,core/exim)
UNIT   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
BENCH  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
FUZZ   := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
MODULES = $(BUILD)/outgate_dlfunc.so $(BUILD)/outgate_local_scan.so $(BUILD)/outgate_scan.so
UNITS   = scand/outgate-scand.service scand/outgate-scand.socket
PAGES   = $(patsubst %,$(BUILD)/%,$(basename $(wildcard man/*.in))) $(wildcard man/*.[1-8])
.SECONDARY:
.PHONY: all units deps check asan lint fuzz bench demo install uninstall clean

all: $(MODULES) $(BUILD)/outgatectl $(BUILD)/outgate-scand $(PAGES)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(QUIET)$(CC) $(FLAGS) -MT $@ -c $< -o $@
$(BUILD)/core.a: $(CORE)
	@rm -f $@
	$(QUIET)$(AR) rcs $@ $^
# one file under two names: an Exim process that loads both has one copy of everything,
# and one open environment
$(BUILD)/outgate_dlfunc.so: $(call objects,dlfunc local_scan) $(PORT) $(BUILD)/core.a
	$(QUIET)$(LINK) -shared -o $@ $^ $(LIBS)
$(BUILD)/outgate_local_scan.so: $(BUILD)/outgate_dlfunc.so
	@ln -sf $(<F) $@
# the scanner, with libclamav and GMime: loaded by a process when it scans for itself
$(BUILD)/outgate_scan.so: $(BUILD)/core/scan/scanner.o $(BUILD)/core.a
	$(QUIET)$(LINK) -shared -o $@ $^ $(LIBS)
$(BUILD)/outgatectl: $(call objects,tools) $(BUILD)/core.a
	$(QUIET)$(LINK) -o $@ $^ $(LIBS)
$(BUILD)/outgate-scand: $(call objects,scand) $(BUILD)/core.a
	$(QUIET)$(LINK) -o $@ $^ $(LIBS)
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/core.a
	$(QUIET)$(LINK) -o $@ $^ $(LIBS) -lcmocka
$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/core.a
	$(QUIET)$(LINK) -o $@ $^ $(LIBS)
$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/core.a
	$(QUIET)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)
$(BUILD)/man/%: man/%.in $(BUILD)/outgatectl
	@mkdir -p $(@D)
	$(QUIET)$(BUILD)/outgatectl settings --man >$@.rows \
	    && sed -e '/@SETTINGS@/{r $@.rows' -e 'd}' $< >$@.new && mv $@.new $@

units: $(UNIT)

deps:
	@tests/deps.sh

# WERROR: a warning is an error in the tests' build
SANITIZE = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
check: deps
	@$(MAKE) --no-print-directory WERROR=-Werror all units
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CC=clang HARDEN= CFLAGS='$(SANITIZE)' \
	    WERROR=-Werror units
	@tests/check.sh $(BUILD) $(BUILD)/asan

asan: deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CC=clang HARDEN= CFLAGS='$(SANITIZE)' units
	@for t in $(BUILD)/asan/tests/unit/test_*[a-z]; do echo "$$t"; "$$t" || exit 1; done

# FUZZ_SECONDS for each target; finds stay in build/fuzz/
FUZZ_SECONDS ?= 60
fuzz: deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang HARDEN= \
	    CFLAGS='$(SANITIZE) -fsanitize=fuzzer-no-link' $(FUZZ:$(BUILD)/%=$(BUILD)/fuzz/%)
	@tests/fuzz/run.sh $(BUILD)/fuzz $(FUZZ_SECONDS)

lint: export LINT_FLAGS := $(FLAGS)
lint: deps
	@tests/lint.sh

bench: deps
	@$(MAKE) --no-print-directory all $(BENCH)
	@tests/bench/run.sh $(BUILD)

demo: deps
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/functional/run --shell /usr/bin/python3 -s tests/demo/demo.py

D = $(DESTDIR)$(PREFIX)
install: all
	$(INSTALL) -d $(D)/lib/outgate $(D)/bin $(D)/share/outgate/acl-snippets \
	    $(D)/share/outgate/templates $(DESTDIR)$(SYSCONFDIR)/outgate/templates \
	    $(addprefix $(D)/share/man/man,1 3 5 7 8) $(D)/sbin \
	    $(D)/lib/systemd/system $(DESTDIR)$(SYSCONFDIR)/outgate
	$(INSTALL) -m 644 $(BUILD)/outgate_dlfunc.so $(BUILD)/outgate_scan.so $(D)/lib/outgate/
	ln -sf outgate_dlfunc.so $(D)/lib/outgate/outgate_local_scan.so
	$(INSTALL) -m 755 $(BUILD)/outgatectl $(D)/bin/
	$(INSTALL) -m 755 $(BUILD)/outgate-scand $(D)/sbin/
	for unit in $(UNITS); do sed 's:/usr/sbin/:$(PREFIX)/sbin/:' $$unit \
	    >$(D)/lib/systemd/system/$${unit##*/} || exit 1; done
	chmod 644 $(addprefix $(D)/lib/systemd/system/,$(notdir $(UNITS)))
	$(INSTALL) -m 644 acl-snippets/*.conf $(D)/share/outgate/acl-snippets/
	$(INSTALL) -m 644 templates/* $(D)/share/outgate/templates/
	for page in $(PAGES); do $(INSTALL) -m 644 $$page $(D)/share/man/man$${page##*.}/ || exit 1; done
	test -e $(DESTDIR)$(SYSCONFDIR)/outgate/outgate.conf \
	    || $(INSTALL) -m 644 outgate.conf $(DESTDIR)$(SYSCONFDIR)/outgate/outgate.conf

# leaves the configuration and the state
uninstall:
	rm -f $(addprefix $(D)/lib/outgate/,$(notdir $(MODULES))) $(D)/bin/outgatectl \
	    $(D)/sbin/outgate-scand $(addprefix $(D)/lib/systemd/system/,$(notdir $(UNITS)))
	rm -f $(addprefix $(D)/share/outgate/,$(wildcard acl-snippets/*.conf templates/*))
	for page in $(notdir $(PAGES)); do rm -f $(D)/share/man/man$${page##*.}/$$page; done
	-rmdir $(D)/lib/outgate $(D)/share/outgate/acl-snippets $(D)/share/outgate/templates \
	    $(D)/share/outgate

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
