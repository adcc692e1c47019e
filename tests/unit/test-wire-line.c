/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The line codec: what is read, where exactly reading stops, and that what is written reads back.
 */
#include "wire/line.h"

#include <glib.h>
#include <string.h>

/* The parsed line in a form that shows all of it: `word|key@column=value|…`. */
static char *show(const Line *line)
{
    GString *text = g_string_new(line->word);

    for (size_t i = 0; i < line->n_fields; i++)
        g_string_append_printf(text, "|%s@%u=%s", line->fields[i].key, line->fields[i].column,
                               line->fields[i].value);
    return g_string_free(text, FALSE);
}

static void test_parse(void)
{
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"", ""},
        {"   ", ""},
        {"ping", "ping"},
        {"  ping  ", "ping"},
        {"a", "a"},
        {"unknown-network", "unknown-network"},
        {"a=b", "|a@1=b"},
        {"ok a=b", "ok|a@4=b"},
        {"ok a=b c=d", "ok|a@4=b|c@8=d"},
        {"  ok   a=b   c=d ", "ok|a@8=b|c@14=d"},
        {"a2-b=c", "|a2-b@1=c"},
        {"a=b=c", "|a@1=b=c"},
        {"a==", "|a@1=="},
        {"a=\"\"", "|a@1="},
        {"a=\"b c\" d=e", "|a@1=b c|d@9=e"},
        {"a=\"\\\"\\\\\\n\\t\"", "|a@1=\"\\\n\t"},
        {"a=\"x=y\" b=\"\" c=d", "|a@1=x=y|b@9=|c@14=d"},
        {"a=\"gr\xc3\xbc\xc3\x9f\xff\"", "|a@1=gr\xc3\xbc\xc3\x9f\xff"},
        {"a=~!@#$%^&*()'<>;", "|a@1=~!@#$%^&*()'<>;"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Line line;
        g_autofree char *shown = NULL;

        g_test_message("case %zu", i);
        g_assert_cmpint(line_parse(&line, cases[i].text, strlen(cases[i].text)), ==, LINE_OK);
        shown = show(&line);
        g_assert_cmpstr(shown, ==, cases[i].shown);
        g_assert_cmpuint(line.error_column, ==, 0);
    }
}

static void test_errors(void)
{
#define TEXT(text) text, sizeof(text) - 1
    static const struct {
        const char *text;
        size_t size;
        LineResult result;
        unsigned column;
    } cases[] = {
        {TEXT("\0"), LINE_BAD_BYTE, 1},
        {TEXT("a\0=b"), LINE_BAD_BYTE, 2},
        {TEXT("a=\0"), LINE_BAD_BYTE, 3},
        {TEXT("a=\"\0\""), LINE_BAD_BYTE, 4},
        {TEXT("a=\"b\tc\""), LINE_BAD_BYTE, 5},
        {TEXT("a=\"b\nc\""), LINE_BAD_BYTE, 5},
        {TEXT("a=\"\x7f\""), LINE_BAD_BYTE, 4},
        {TEXT("a=b\tc=d"), LINE_BAD_BYTE, 4},
        {TEXT("a=b\r"), LINE_BAD_BYTE, 4},
        {TEXT("a=b\"c"), LINE_BAD_BYTE, 4},
        {TEXT("a=b\\"), LINE_BAD_BYTE, 4},
        {TEXT("a=\xc3\xbc"), LINE_BAD_BYTE, 3},
        {TEXT("\ta=b"), LINE_BAD_BYTE, 1},
        {TEXT("=b"), LINE_BAD_KEY, 1},
        {TEXT("A=b"), LINE_BAD_KEY, 1},
        {TEXT("aB=b"), LINE_BAD_KEY, 2},
        {TEXT("ok 1=b"), LINE_BAD_KEY, 4},
        {TEXT("ok -a=b"), LINE_BAD_KEY, 4},
        {TEXT("ok a_b=c"), LINE_BAD_KEY, 5},
        {TEXT("\"ok\""), LINE_BAD_KEY, 1},
        {TEXT("a="), LINE_NO_VALUE, 3},
        {TEXT("a= b=c"), LINE_NO_VALUE, 3},
        {TEXT("ok fine"), LINE_NO_VALUE, 8},
        {TEXT("a=b word c=d"), LINE_NO_VALUE, 9},
        {TEXT("a=\"b c"), LINE_OPEN_QUOTE, 3},
        {TEXT("a=\""), LINE_OPEN_QUOTE, 3},
        {TEXT("a=\"b\\\""), LINE_OPEN_QUOTE, 3},
        {TEXT("a=\"\\"), LINE_BAD_ESCAPE, 4},
        {TEXT("a=\"b\\x41\""), LINE_BAD_ESCAPE, 5},
        {TEXT("a=\"\\\0\""), LINE_BAD_ESCAPE, 4},
        {TEXT("a=\"b\"c"), LINE_NO_SEPARATOR, 6},
        {TEXT("a=\"b\"\"c\""), LINE_NO_SEPARATOR, 6},
        {TEXT("a=b a=c"), LINE_DUPLICATE_KEY, 5},
        {TEXT("ok a=b c=d a=\"b\""), LINE_DUPLICATE_KEY, 12},
    };
#undef TEXT

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Line line;

        g_test_message("case %zu", i);
        g_assert_cmpint(line_parse(&line, cases[i].text, cases[i].size), ==, cases[i].result);
        g_assert_cmpuint(line.error_column, ==, cases[i].column);
        g_assert_cmpstr(line_result_text(cases[i].result), !=, line_result_text(LINE_OK));
    }
}

static void test_limits(void)
{
    char text[LINE_SIZE_MAX + 1];
    g_autoptr(GString) fields = g_string_new(NULL);
    Line line;

    /* The longest line is one value. */
    memset(text, 'x', sizeof(text));
    text[1] = '=';
    g_assert_cmpint(line_parse(&line, text, LINE_SIZE_MAX), ==, LINE_OK);
    g_assert_cmpuint(strlen(line_get(&line, "x")), ==, LINE_SIZE_MAX - 2);
    g_assert_cmpint(line_parse(&line, text, LINE_SIZE_MAX + 1), ==, LINE_TOO_LONG);
    g_assert_cmpuint(line.error_column, ==, LINE_SIZE_MAX + 1);

    /* The densest line, which needs the most storage, is all fields. */
    for (int i = 0; i < LINE_FIELDS_MAX; i++)
        g_string_append_printf(fields, "%sk%d=v", i > 0 ? " " : "", i);
    g_assert_cmpint(line_parse(&line, fields->str, fields->len), ==, LINE_OK);
    g_assert_cmpuint(line.n_fields, ==, LINE_FIELDS_MAX);
    g_assert_cmpstr(line_get(&line, "k31"), ==, "v");
    g_string_append(fields, " z=v");
    g_assert_cmpint(line_parse(&line, fields->str, fields->len), ==, LINE_TOO_MANY_FIELDS);
    g_assert_cmpuint(line.error_column, ==, fields->len - 2);
}

static void test_owned(void)
{
    char text[] = "ok a=b";
    Line line;

    g_assert_cmpint(line_parse(&line, text, strlen(text)), ==, LINE_OK);
    memset(text, '#', sizeof(text));
    g_assert_cmpstr(line.word, ==, "ok");
    g_assert_cmpstr(line_get(&line, "a"), ==, "b");
    g_assert_null(line_get(&line, "c"));
    g_assert_null(line_get(&line, ""));
}

static void test_u64(void)
{
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"007", true, 7},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"18446744073709551620", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"+1", false, 0},
        {"-1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"0x1", false, 0},
        {"1e3", false, 0},
        {"\xb2", false, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint64_t value = 4711;

        g_test_message("case %zu", i);
        g_assert_cmpint(line_parse_u64(cases[i].text, &value), ==, cases[i].ok);
        g_assert_cmpuint(value, ==, cases[i].ok ? cases[i].value : 4711);
    }
}

static void test_write(void)
{
    static const struct {
        const char *value;
        const char *written; /* NULL: cannot be written */
    } cases[] = {
        {"b", "k=b"},
        {"b=c", "k=b=c"},
        {"", "k=\"\""},
        {"b c", "k=\"b c\""},
        {"\"", "k=\"\\\"\""},
        {"\\", "k=\"\\\\\""},
        {"\n\t", "k=\"\\n\\t\""},
        {"\xc3\xbc", "k=\"\xc3\xbc\""},
        {"\r", NULL},
        {"\x1b[2J", NULL},
        {"a\x7f", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        LineWriter writer;
        char buffer[64];
        Line line;

        g_test_message("case %zu", i);
        line_writer_init(&writer, buffer, sizeof(buffer));
        line_write(&writer, "k", cases[i].value);
        if (!cases[i].written) {
            g_assert_cmpstr(buffer, ==, "");
            g_assert_false(line_writer_end(&writer));
            continue;
        }
        g_assert_cmpstr(buffer, ==, cases[i].written);
        g_assert_cmpint(line_parse(&line, buffer, writer.used), ==, LINE_OK);
        g_assert_cmpstr(line_get(&line, "k"), ==, cases[i].value);
        g_assert_true(line_writer_end(&writer));
        g_assert_cmpuint(strlen(buffer), ==, writer.used);
    }
}

static void test_write_line(void)
{
    LineWriter writer;
    char buffer[128];

    line_writer_init(&writer, buffer, sizeof(buffer));
    line_write_word(&writer, "ok");
    line_write(&writer, "ifname", "tap0");
    line_write_u64(&writer, "zero", 0);
    line_write_u64(&writer, "max", UINT64_MAX);
    g_assert_true(line_writer_end(&writer));
    g_assert_cmpstr(buffer, ==, "ok ifname=tap0 zero=0 max=18446744073709551615\n");

    /* A bad key or word fails, and what was written before stays as it was. */
    static const char *const bad[] = {"", "A", "1a", "a b", "a=", "-"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        line_writer_init(&writer, buffer, sizeof(buffer));
        line_write_word(&writer, "ok");
        line_write(&writer, bad[i], "v");
        line_write(&writer, "later", "v");
        g_assert_cmpstr(buffer, ==, "ok");
        g_assert_false(line_writer_end(&writer));

        line_writer_init(&writer, buffer, sizeof(buffer));
        line_write_word(&writer, bad[i]);
        g_assert_false(line_writer_end(&writer));
    }
}

/* In a buffer of every size: either all of it, or a failure and whole items only. */
static void test_write_sizes(void)
{
    static const char whole[] = "ok a=b c=\"d e\"\n";

    for (size_t size = 0; size <= sizeof(whole) + 1; size++) {
        LineWriter writer;
        g_autofree char *buffer = g_malloc(size + 1);
        bool ok;

        buffer[size] = '#';
        line_writer_init(&writer, buffer, size);
        line_write_word(&writer, "ok");
        line_write(&writer, "a", "b");
        line_write(&writer, "c", "d e");
        ok = line_writer_end(&writer);
        g_assert_cmpint(ok, ==, size >= sizeof(whole));
        g_assert_cmpint(buffer[size], ==, '#');
        if (ok)
            g_assert_cmpstr(buffer, ==, whole);
        else if (size > 0)
            g_assert_true(strcmp(buffer, "") == 0 || strcmp(buffer, "ok") == 0 ||
                          strcmp(buffer, "ok a=b") == 0 || strcmp(buffer, "ok a=b c=\"d e\"") == 0);
    }
}

static void test_write_text(void)
{
    static const struct {
        const char *text;
        size_t size;
        const char *written;
    } cases[] = {
        {"all of it", 64, "error all of it\n"},
        {"", 64, "error\n"},
        {"a\nb\x1b[2J\x7f", 64, "error a b [2J \n"},
        {"key=\"v\" \\", 64, "error key=\"v\" \\\n"},
        {"abcdef", 14, "error abcdef\n"},
        {"abcdef", 13, "error abcde\n"},
        {"abcdef", 9, "error a\n"},
        {"abcdef", 8, "error\n"},
        {"abcdef", 7, "error\n"},
        {"a\xc3\xbcx", 12, "error a\xc3\xbcx\n"},
        {"a\xc3\xbcx", 11, "error a\xc3\xbc\n"},
        {"a\xc3\xbcx", 10, "error a\n"},
        {"\xf0\x9f\x90\xa7", 11, "error \n"},
        {"\x80\x80\x80\x80\x80\x80", 13, "error \x80\x80\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *buffer = g_malloc(cases[i].size);
        LineWriter writer;

        g_test_message("case %zu", i);
        line_writer_init(&writer, buffer, cases[i].size);
        line_write_word(&writer, "error");
        line_write_text(&writer, cases[i].text);
        g_assert_true(line_writer_end(&writer));
        g_assert_cmpstr(buffer, ==, cases[i].written);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wire/line/parse", test_parse);
    g_test_add_func("/wire/line/errors", test_errors);
    g_test_add_func("/wire/line/limits", test_limits);
    g_test_add_func("/wire/line/owned", test_owned);
    g_test_add_func("/wire/line/u64", test_u64);
    g_test_add_func("/wire/line/write", test_write);
    g_test_add_func("/wire/line/write-line", test_write_line);
    g_test_add_func("/wire/line/write-sizes", test_write_sizes);
    g_test_add_func("/wire/line/write-text", test_write_text);
    return g_test_run();
}
