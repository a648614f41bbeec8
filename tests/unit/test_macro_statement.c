/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/rows.h"

#include "core/macro/macro.h"

#define VBA "Attribute VB_Name = \"M\"\r\n"

static const struct {
    const char *in;
    bool out;
} rows[] = {
    { "", false },
    { " \t\r\n", false },
    { VBA "Option Explicit\r\n", false },
    { VBA "Attribute VB_Base = \"0{00020820-0000-0000-C000-000000000046}\"\r\n"
          "Attribute VB_Control = \"CommandButton1, 1, 0, MSForms, CommandButton\"\r\n",
      false },
    { "Rem Attribute VBA_ModuleType=VBADocumentModule\nOption VBASupport 1\n", false },
    { "REM  *****  BASIC  *****\n\nSub Main\n\nEnd Sub\n", false },
    { "Sub Main\nMsgBox 1\nEnd Sub\n", true },
    { "sub main()\r\nmsgbox 1\r\n", true },
    { "Sub Main:MsgBox 1:End Sub", true },
    { "Sub Main::End Sub", false },
    { "Sub Main: ' MsgBox 1 : End Sub\nEnd Sub", false },
    { "Sub Main\rRem MsgBox 1: Beep\rEnd Sub", false },
    { "Sub Main\rRemark 1\rEnd Sub", true },
    { "Private Static Sub a()\nEnd Sub\nFriend Property Get b() As Long\nEnd Property\n",
      false },
    { "Public Function f(ByRef a() As String, Optional b As String = \":\") As Long\n"
      "Dim x As Long, y(1 To 3) As String\nConst z = 5\nStatic n\nEnd Function",
      false },
    { "Sub a( _\r\n  b As Long)\r\nEnd Sub", false },
    { "Sub a()\nDim b _\n As Long\nEnd Sub", false },
    { "Sub a()\nDim b_\nAs Long\nEnd Sub", true }, /* no continuation without a blank */
    { VBA "Sub a()\r\n' one _\r\n two\r\nEnd Sub", false },
    { "Sub a()\n' one _\n two\nEnd Sub", true }, /* LibreOffice runs two */
    { "Const a = #12:00:00 AM#\nDim b#, c\n", false },
    { "Dim a#: Beep\n", true },
    { "Const a = \"x:y\"\"z:\", b = 1\n", false },
    { "Const a = Shell(\"x\")\n", true },
    { "Dim a(Shell(\"x\"))\n", true },
    { "Sub a()\nDim b(Shell(\"x\"))\nEnd Sub", true },
    { "Sub a(Optional b = Shell(\"x\"))\nEnd Sub", true },
    { "Attribute = Shell(\"x\")\n", true },
    { "Sub a\nAttribute VB_x = Shell(\"x\")\nEnd Sub", true },
    { "Sub a\nAttribute a.VB_Description = \"does (nothing)\"\nEnd Sub", false },
    { "#If VBA7 Then\nPrivate Declare PtrSafe Function f Lib \"a\" () As Long\n#Else\n"
      "Private Declare Function f Lib \"a\" (ByVal b As Long) As Long\n#End If\n",
      false },
    { "#Const a = 1\nSub b()\n#If a Then\nBeep\n#End If\nEnd Sub", true },
    { "Public Type t\na As Long\nb(1 To 2) As String\nEnd Type\nEnum e\nx = 1\nEnd "
      "Enum\n",
      false },
    { "Type t\na As Long\nSub b()\nBeep\nEnd Sub", true }, /* no hiding in a block */
    { "DefInt A-Z\nImplements IFoo\nPublic Event e(a As Long)\nDim WithEvents w As X\n",
      false },
    { "VERSION 1.0 CLASS\r\nBEGIN\r\n  MultiUse = -1  'True\r\nEND\r\n" VBA, false },
    { "BEGIN\nx = 1\nEND\n", true },
    { VBA "\r\nEnd Sub\r\nSub a()\r\nEnd Sub\r\n", false },
    { "End\nSub a()\nEnd Sub\n", true },
    { "x = 1\n", true }, /* no place for it, so nobody knows what it is */
    { "Sub a()\nEnd\nEnd Sub", true },
    { "Sub a()\nExit Sub\nEnd Sub", true },
    { "Sub a()\nfoo:\nEnd Sub", true },
    { "Sub a()\n[A1] = 5\nEnd Sub", true },
    { "Sub a()\nx(1, y:=2) = 5\nEnd Sub", true },
    { "Sub a()\nEnd Sub\nSub b()\nCall a\nEnd Sub", true },
    { "Sub a()\n\"", true },
    { "Sub a()\n'", false },
    { "Sub a()\n#", true },
    { "Sub a() _", false },
    { "_", true },
};

static void
test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        size_t len = strlen(rows[i].in);
        char *exact = exact_copy(rows[i].in, len);

        if (og_macro_has_statement(exact, len) != rows[i].out)
            fail_msg("row %zu: expected %d", i, rows[i].out);
        free(exact);
    }
}

/* every beginning of a text of many kinds is read to its end */
static void
test_cut(void **state)
{
    const char *all = VBA "Sub a(x#, _\r\n y)\r\n#If a Then\r\nDim b(1) ' c _\r\n d\r\n"
                          "Const e = #1:2#\r\nEnd Sub\r\nSub z()\r\nBeep\r\nEnd Sub\r\n";
    size_t len = strlen(all), statement = (size_t)(strstr(all, "Beep") - all);

    (void)state;
    for (size_t n = 0; n <= len; n++) {
        char *exact = exact_copy(all, n);
        bool found = og_macro_has_statement(exact, n);

        if (n > statement)
            assert_true(found);
        free(exact);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
