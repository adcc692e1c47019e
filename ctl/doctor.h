/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The checks of `ontapctl doctor`, and what they find.
 */
#pragma once

#include "ctl/host.h"

typedef enum {
    FINDING_OK,
    FINDING_INFO, /* nothing wrong, but good to know */
    FINDING_WARN, /* may be what does not work */
    FINDING_FAIL, /* cannot work like that */
} FindingLevel;

const char *finding_level_text(FindingLevel level);

typedef struct {
    FindingLevel level;
    const char *check; /* the name of the check */
    char *text;
    char *hint; /* what to do about it; NULL with FINDING_OK */
} Finding;

typedef struct {
    const Host *host;
    const char *check;   /* the one that runs */
    GPtrArray *findings; /* of Finding */
} Doctor;

/* Runs all checks, or the one of that name (for tests). */
Doctor *doctor_new(const Host *host, const char *only);
void doctor_free(Doctor *doctor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Doctor, doctor_free)

/* What a check says. Takes over both texts; `hint` may be NULL. */
void doctor_say(Doctor *doctor, FindingLevel level, char *text, char *hint);

typedef void (*DoctorCheck)(Doctor *doctor);

/* doctor-daemon.c */
void doctor_check_socket(Doctor *doctor);
void doctor_check_answers(Doctor *doctor);
void doctor_check_learner(Doctor *doctor);
void doctor_check_translate(Doctor *doctor);
void doctor_check_devices(Doctor *doctor);

/* doctor-kernel.c */
void doctor_check_modules(Doctor *doctor);
void doctor_check_vhost(Doctor *doctor);
void doctor_check_apparmor(Doctor *doctor);
void doctor_check_selinux(Doctor *doctor);

/* doctor-parent.c */
void doctor_check_parents(Doctor *doctor);
void doctor_check_wifi(Doctor *doctor);

/* doctor-user.c */
void doctor_check_policy(Doctor *doctor);
void doctor_check_groups(Doctor *doctor);
void doctor_check_permission(Doctor *doctor);
void doctor_check_host(Doctor *doctor);
