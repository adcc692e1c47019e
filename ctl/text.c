/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The line codec keeps ASCII control characters out, but lets an escaped newline in, and every byte
 * above 0x7f, of which a terminal takes U+009B for an escape sequence. So each value passes
 * text_safe() before it is shown.
 */
#include "ctl/text.h"

#include <stdarg.h>
#include <string.h>

#define GAP 2 /* blanks between columns */
#define NOTE_INDENT 4

static gboolean is_shown(gunichar c)
{
    switch (g_unichar_type(c)) {
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_PRIVATE_USE:
        return FALSE;
    default:
        return g_unichar_isprint(c);
    }
}

char *text_safe(const char *text)
{
    GString *safe = g_string_new(NULL);

    while (*text) {
        gunichar c = g_utf8_get_char_validated(text, -1);

        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_c(safe, '?');
            text++;
            continue;
        }
        if (is_shown(c))
            g_string_append_unichar(safe, c);
        else
            g_string_append_c(safe, '?');
        text = g_utf8_next_char(text);
    }
    return g_string_free(safe, FALSE);
}

char *text_duration(guint64 seconds)
{
    const struct {
        guint64 unit;
        guint64 below; /* of that unit */
        char letter;
    } units[] = {{1, 100, 's'}, {60, 100, 'm'}, {3600, 48, 'h'}};

    for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
        if (seconds / units[i].unit < units[i].below)
            return g_strdup_printf("%" G_GUINT64_FORMAT "%c", seconds / units[i].unit,
                                   units[i].letter);
    return g_strdup_printf("%" G_GUINT64_FORMAT "d", seconds / 86400);
}

/* Cells of a terminal. */
static gsize width(const char *text)
{
    gsize cells = 0;

    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);

        if (!g_unichar_iszerowidth(c))
            cells += g_unichar_iswide(c) ? 2 : 1;
    }
    return cells;
}

struct Table {
    GPtrArray *rows; /* of GStrv; the first are the headings; a note has one element */
    guint columns;
};

static char **read_cells(const char *first, va_list arguments)
{
    GPtrArray *cells = g_ptr_array_new();

    for (const char *cell = first; cell; cell = va_arg(arguments, const char *))
        g_ptr_array_add(cells, g_strdup(cell));
    g_ptr_array_add(cells, NULL);
    return (char **)g_ptr_array_free(cells, FALSE);
}

Table *table_new(const char *heading, ...)
{
    Table *table = g_new0(Table, 1);
    va_list arguments;

    table->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    va_start(arguments, heading);
    g_ptr_array_add(table->rows, read_cells(heading, arguments));
    va_end(arguments);
    table->columns = g_strv_length(g_ptr_array_index(table->rows, 0));
    g_assert(table->columns > 1);
    return table;
}

void table_free(Table *table)
{
    g_ptr_array_unref(table->rows);
    g_free(table);
}

void table_add(Table *table, const char *cell, ...)
{
    va_list arguments;
    char **cells;

    va_start(arguments, cell);
    cells = read_cells(cell, arguments);
    va_end(arguments);
    g_assert(g_strv_length(cells) == table->columns);
    g_ptr_array_add(table->rows, cells);
}

void table_add_note(Table *table, const char *note)
{
    char **cells = g_new0(char *, 2);

    cells[0] = g_strdup(note);
    g_ptr_array_add(table->rows, cells);
}

static gsize column_width(const Table *table, guint column)
{
    gsize widest = 0;

    for (guint i = 0; i < table->rows->len; i++) {
        char **cells = g_ptr_array_index(table->rows, i);

        if (cells[1])
            widest = MAX(widest, width(cells[column]));
    }
    return widest;
}

static void append_blanks(GString *text, gsize n)
{
    for (; n > 0; n--)
        g_string_append_c(text, ' ');
}

static void append_row(GString *text, char **cells, const gsize *widths)
{
    gsize owed = 0; /* blanks that are written when something follows */

    for (guint column = 0; cells[column]; column++) {
        if (*cells[column]) {
            append_blanks(text, owed);
            owed = 0;
            g_string_append(text, cells[column]);
        }
        owed += widths[column] - width(cells[column]) + GAP;
    }
    g_string_append_c(text, '\n');
}

void table_append(const Table *table, GString *text)
{
    g_autofree gsize *widths = g_new0(gsize, table->columns);

    if (table->rows->len == 1)
        return;
    for (guint column = 0; column < table->columns; column++)
        widths[column] = column_width(table, column);
    for (guint i = 0; i < table->rows->len; i++) {
        char **cells = g_ptr_array_index(table->rows, i);

        if (cells[1]) {
            append_row(text, cells, widths);
        } else {
            append_blanks(text, NOTE_INDENT);
            g_string_append_printf(text, "%s\n", cells[0]);
        }
    }
}
