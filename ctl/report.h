/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The lines that `list` answers, put together: what belongs to a device goes into its object.
 */
#pragma once

#include "ctl/record.h"

typedef struct Report Report;

Report *report_new(void);
void report_free(Report *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Report, report_free)

/* Takes over `record`, which is the line that begins with `word`. A line of a kind that is not
 * known, or about a device that is not, is kept in `other`. */
void report_add(Report *report, const char *word, JsonObject *record);

/* Arrays of objects; the report's. */
JsonArray *report_networks(const Report *report);
JsonArray *report_parents(const Report *report);
JsonArray *report_devices(const Report *report);

/* {networks, parents, devices}, and `other` when there is any; the report's. */
JsonObject *report_whole(const Report *report);
