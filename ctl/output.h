/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the commands say, and how.
 */
#pragma once

#include "ctl/options.h"
#include "ctl/record.h"
#include "ctl/talk.h"

/* Writes to standard output at once. EXIT_YES also when nobody reads it any more (`| head`); the
 * caller sees that from output_closed(). */
int output_text(const char *text);
int output_record(JsonObject *record, gboolean indented);
gboolean output_closed(void);

/* One line to standard error, in which no control character is left. */
void output_error(const char *format, ...) G_GNUC_PRINTF(1, 2);
void output_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Says what went wrong, and hands `status` through. */
int output_failure(const Talk *talk, int status);

/* What the commands read records for. */
RecordReader output_reader(const Options *options);
