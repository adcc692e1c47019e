/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Text for a terminal: what others have named cannot move its cursor, and columns line up.
 */
#pragma once

#include <glib.h>

/* A copy in which whatever a terminal might obey, or not show, is a question mark: control
 * characters (also those above 0x7f), line breaks, marks of writing direction, broken UTF-8. */
char *text_safe(const char *text);

/* Seconds in at most three digits and a unit, rounded down: 59s, 99m, 47h, 12d. */
char *text_duration(guint64 seconds);

/* Rows of cells that are padded to the widest of their column. */
typedef struct Table Table;

/* The headings, up to a NULL. */
Table *table_new(const char *heading, ...) G_GNUC_NULL_TERMINATED;
void table_free(Table *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Table, table_free)

/* A row of copies; as many cells as there are headings. An empty one is shown as nothing. */
void table_add(Table *table, const char *cell, ...) G_GNUC_NULL_TERMINATED;

/* A line of its own below the last row, indented. */
void table_add_note(Table *table, const char *note);

/* Headings and rows, each with its newline and without blanks at its end. Nothing when no row was
 * added. */
void table_append(const Table *table, GString *text);
