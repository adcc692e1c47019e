/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Near misses. The distance is Levenshtein's: letters put in, left out or changed. Two slips are
 * forgiven in a word of five or more letters and one in a shorter word, so that `on` is not offered
 * for every word of two letters. Words longer than any of ours are not looked at.
 */
#include "policy/suggest.h"

#include <string.h>

#define WORD_MAX 32

static guint edit_distance(const char *left, const char *right)
{
    size_t columns = strlen(right);
    guint row[WORD_MAX + 1];

    for (guint column = 0; column <= columns; column++)
        row[column] = column;
    for (guint line = 1; left[line - 1]; line++) {
        guint diagonal = row[0];

        row[0] = line;
        for (guint column = 1; column <= columns; column++) {
            guint changed = diagonal + (left[line - 1] != right[column - 1]);

            diagonal = row[column];
            row[column] = MIN(changed, MIN(row[column], row[column - 1]) + 1);
        }
    }
    return row[columns];
}

const char *suggest(const char *word, const char *const *known)
{
    size_t size = strlen(word);
    guint best_distance = size >= 5 ? 3 : 2;
    const char *best = NULL;

    if (size > WORD_MAX)
        return NULL;
    for (; *known; known++) {
        guint distance;

        if (strlen(*known) > WORD_MAX)
            continue;
        distance = edit_distance(word, *known);
        if (distance < best_distance && distance < size) {
            best_distance = distance;
            best = *known;
        }
    }
    return best;
}
