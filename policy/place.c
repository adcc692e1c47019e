/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Errors that say where. All complaints about the text of a policy pass through here, so that an
 * editor that understands a compiler's messages understands these too.
 */
#include "policy/place.h"

G_DEFINE_QUARK(ontap - policy - error, policy_error)

PolicyPlace policy_place_column(const PolicyPlace *place, unsigned column)
{
    return (PolicyPlace){.file = place->file, .line = place->line, .column = column};
}

static char *place_text(const PolicyPlace *place, const char *format, va_list arguments)
    G_GNUC_PRINTF(2, 0);

static char *place_text(const PolicyPlace *place, const char *format, va_list arguments)
{
    g_autofree char *what = g_strdup_vprintf(format, arguments);

    return g_strdup_printf("%s:%u:%u: %s", place->file, place->line, place->column, what);
}

gboolean policy_fail(GError **error, const PolicyPlace *place, const char *format, ...)
{
    va_list arguments;
    g_autofree char *text = NULL;

    va_start(arguments, format);
    text = place_text(place, format, arguments);
    va_end(arguments);
    g_set_error_literal(error, POLICY_ERROR, POLICY_ERROR_SYNTAX, text);
    return FALSE;
}

void policy_warn(GPtrArray *warnings, const PolicyPlace *place, const char *format, ...)
{
    va_list arguments;

    if (!warnings)
        return;
    va_start(arguments, format);
    g_ptr_array_add(warnings, place_text(place, format, arguments));
    va_end(arguments);
}
