/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiled form of VBA modules is not published. What is known of it (Vesselin
 * Bontchev's pcodedmp): where the table of lines is, and for each operation its number and
 * its operands. That is enough to tell a line that declares from one that does something.
 */
#include "core/macro/vba.h"

enum {
    VERSION_VBA6 = 0x6b, /* below it VBA 5, Office 97 */
    LINE_BYTES = 12,     /* of the table of lines */
    LINE_TIMES = 4, /* the module, before lines that overlap are taken for an attack */
    OPCODE_MASK = 0x3ff,
    TEXT = 16,  /* operands: besides n words a text with its length before it */
    NAMED = 32, /* one word more when bit 4 of the operation's kind is set */
};
static const unsigned MAGIC = 0xcafe;

/* operations of declarations, comments and constant expressions, as 64-bit VBA 7 numbers
 * them: first, last, words of operands. All others do something. */
static const struct {
    unsigned first, last, operands;
} harmless[] = {
    { 0, 30, 0 },  /* arithmetic, as in Const a = 1 + 2 */
    { 32, 32, 1 }, /* a constant's name */
    { 70, 70, 1 }, /* a statement begins: `:` */
    { 71, 72, 0 },
    { 88, 89, 0 },      /* a constant's type */
    { 92, 92, 2 },      /* DefInt A-Z */
    { 93, 94, 0 },      /* Dim, Const, Static */
    { 105, 105, 0 },    /* End Function */
    { 109, 109, 0 },    /* End Property */
    { 111, 112, 0 },    /* End Sub, End Type */
    { 116, 116, 2 },    /* Event */
    { 150, 151, 2 },    /* Sub, Function, Property, Declare */
    { 159, 159, 4 },    /* Implements */
    { 166, 166, TEXT }, /* a line continues */
    { 169, 170, 4 },    /* literals */
    { 171, 171, 0 },
    { 172, 172, 1 },
    { 173, 173, 2 },
    { 174, 174, 4 },
    { 175, 175, 1 },
    { 176, 176, 2 },
    { 177, 177, 4 },
    { 178, 178, 0 },
    { 179, 179, 1 },
    { 180, 180, 2 },
    { 181, 181, 4 },
    { 182, 182, 2 },
    { 183, 183, 4 },
    { 184, 184, 0 },
    { 185, 185, TEXT },
    { 186, 186, 0 },
    { 208, 209, 0 },        /* Option */
    { 227, 227, TEXT | 1 }, /* ' */
    { 230, 231, TEXT },     /* a line with an error, Rem */
    { 243, 243, 2 },        /* Type, Enum */
    { 245, 245, NAMED | 2 },
    { 250, 250, 0 },
    { 251, 251, 1 }, /* #Const, #If, #Else, #End If */
    { 252, 256, 0 },
    { 262, 262, 0 }, /* End Enum */
};

/* VBA 5, and VBA 6 and 7 of 32 bits, have no numbers for what came later */
static unsigned
number_of(unsigned opcode, unsigned version, bool wide)
{
    if (version < VERSION_VBA6)
        return opcode <= 68    ? opcode
               : opcode <= 71  ? opcode + 1
               : opcode <= 112 ? opcode + 3
               : opcode <= 151 ? opcode + 7
               : opcode <= 165 ? opcode + 8
               : opcode <= 167 ? opcode + 9
               : opcode <= 170 ? opcode + 10
                               : opcode + 11;
    if (wide || opcode <= 173)
        return opcode;
    return opcode <= 175 ? opcode + 1 : opcode <= 178 ? opcode + 2 : opcode + 3;
}

static bool
line_runs(struct og_bytes line, unsigned version, bool wide)
{
    size_t at = 0;

    while (og_bytes_has(&line, at, 2)) {
        unsigned word = og_bytes_16(&line, at), operands = 0;
        unsigned number = number_of(word & OPCODE_MASK, version, wide);
        size_t i = 0;

        while (i < N_ELEMENTS(harmless) && number > harmless[i].last)
            i++;
        if (i == N_ELEMENTS(harmless) || number < harmless[i].first)
            return true;
        operands = harmless[i].operands;
        at += 2 + (size_t)(operands & 15) * 2;
        if ((operands & NAMED) != 0 && (word >> 10 & 16) != 0)
            at += 2;
        if ((operands & TEXT) != 0)
            at += 2 + ((size_t)og_bytes_16(&line, at) + 1) / 2 * 2;
    }
    return false;
}

static size_t
behind_table(const struct og_bytes *module, size_t at)
{
    return at + 4 + og_bytes_32(module, at);
}

/* the offset that leads to the table of lines */
static size_t
lines_at(const struct og_bytes *module, unsigned version)
{
    size_t at = 25;

    if (version < VERSION_VBA6) {
        at = behind_table(module, 11) + 64;
        at += 2 + (size_t)og_bytes_16(module, at) * 16;
        at = behind_table(module, at) + 6;
        at = behind_table(module, at) + 77;
    }
    return og_bytes_32(module, at) + (size_t)60;
}

static bool
lines_run(const struct og_bytes *module, size_t at, unsigned version, bool wide)
{
    size_t count = og_bytes_16(module, at + 4), lines = at + 6;
    size_t code = lines + count * LINE_BYTES + 10, budget = module->len * LINE_TIMES;

    for (size_t i = 0; i < count; i++) {
        size_t row = lines + i * LINE_BYTES;
        size_t len = og_bytes_16(module, row + 4), from = og_bytes_32(module, row + 8);

        if (len == 0 || !og_bytes_has(module, code + from, len))
            continue;
        if (len > budget)
            return true;
        budget -= len;
        if (line_runs(og_bytes_from(module, code + from, len), version, wide))
            return true;
    }
    return false;
}

bool
og_vba_pcode_runs(struct og_bytes module, unsigned version)
{
    size_t at = lines_at(&module, version);

    if (!og_bytes_has(&module, at, 6) || og_bytes_16(&module, at) != MAGIC)
        return false;
    /* which of the two numberings is right is written where it can be forged; a real
     * statement is one in both, as the numbers of most are the same */
    return lines_run(&module, at, version, false)
           && lines_run(&module, at, version, true);
}
