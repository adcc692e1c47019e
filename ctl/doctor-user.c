/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What may this user have, and does he know what he cannot?
 */
#include "ctl/doctor.h"

#include <errno.h>
#include <grp.h>
#include <unistd.h>

static void say_policy_error(Doctor *doctor)
{
    const Host *host = doctor->host;

    if (host->uid != 0 && host->access(host, host->policy_path, R_OK) == EACCES)
        doctor_say(doctor, FINDING_WARN,
                   g_strdup_printf("%s may not read the policy %s", host->user, host->policy_path),
                   g_strdup("run ontapctl doctor as root to have it checked; to let users read it: "
                            "chmod 644"));
    else
        doctor_say(doctor, FINDING_FAIL, g_strdup(host->policy_error),
                   g_strdup_printf("correct it, check it with ontap-policy check %s, then "
                                   "ontapctl reload",
                                   host->policy_path));
}

void doctor_check_policy(Doctor *doctor)
{
    const Host *host = doctor->host;

    for (guint i = 0; i < host->warnings->len; i++)
        doctor_say(doctor, FINDING_WARN, g_strdup(g_ptr_array_index(host->warnings, i)),
                   g_strdup("the user database may not have been there; ontap-policy check says "
                            "more"));
    if (!host->policy)
        say_policy_error(doctor);
    else if (host->policy_lag > 0)
        doctor_say(
            doctor, FINDING_WARN,
            g_strdup_printf("the policy %s is newer than what is in force", host->policy_path),
            g_strdup("as root: ontapctl reload"));
    else
        doctor_say(doctor, FINDING_OK, g_strdup_printf("the policy %s is valid", host->policy_path),
                   NULL);
}

static gboolean has_group(const GArray *groups, gid_t gid)
{
    for (guint i = 0; i < groups->len; i++)
        if (g_array_index(groups, gid_t, i) == gid)
            return TRUE;
    return FALSE;
}

static char *group_name(gid_t gid)
{
    const struct group *entry = getgrgid(gid);

    return entry ? g_strdup(entry->gr_name) : g_strdup_printf("%u", (unsigned)gid);
}

void doctor_check_groups(Doctor *doctor)
{
    const Host *host = doctor->host;
    g_autoptr(GString) missing = g_string_new(NULL);

    for (guint i = 0; i < host->login_groups->len; i++) {
        gid_t gid = g_array_index(host->login_groups, gid_t, i);
        g_autofree char *name = group_name(gid);

        if (!has_group(host->groups, gid))
            g_string_append_printf(missing, "%s%s", missing->len > 0 ? ", " : "", name);
    }
    if (missing->len > 0)
        doctor_say(
            doctor, FINDING_WARN,
            g_strdup_printf("%s is in the group file under %s, but this process is not", host->user,
                            missing->str),
            g_strdup("log out of the whole session and in again (or for one shell: newgrp)"));
    else
        doctor_say(doctor, FINDING_OK,
                   g_strdup_printf("this process has all the groups of %s", host->user), NULL);
}

/* The answer for the type that a request without one gets. */
static gboolean say_permission(Doctor *doctor, const PolicyNetwork *network)
{
    const Host *host = doctor->host;
    const PolicySubject subject = {.uid = host->uid,
                                   .gid = host->gid,
                                   .groups = (const gid_t *)(const void *)host->groups->data,
                                   .n_groups = host->groups->len};
    PolicyDecision decision;

    policy_decide(host->policy, &subject, network, network->type, &decision);
    if (!decision.allowed)
        return FALSE;
    doctor_say(doctor, FINDING_OK,
               g_strdup_printf("%s may have %u %s device%s on %s, with %u queues and %u addresses "
                               "each (%s:%u)",
                               host->user, decision.limits.devices, device_type_text(network->type),
                               decision.limits.devices == 1 ? "" : "s", network->name,
                               decision.limits.queues, decision.limits.addresses,
                               decision.place->file, decision.place->line),
               NULL);
    return TRUE;
}

void doctor_check_permission(Doctor *doctor)
{
    const Host *host = doctor->host;
    gboolean any = FALSE;

    if (!host->policy)
        return;
    for (size_t i = 0; i < policy_n_networks(host->policy); i++)
        any |= say_permission(doctor, policy_network(host->policy, i));
    if (!any)
        doctor_say(doctor, FINDING_FAIL,
                   g_strdup_printf("the policy lets %s have no device on any network", host->user),
                   g_strdup_printf("ontapctl explain network=NAME says which line decides; to "
                                   "allow it: \"allow user=%s\" in %s, above any line that denies "
                                   "it, then ontapctl reload",
                                   host->user, host->policy_path));
}

/* What the daemon says of a network with host=on; NULL when it is content. */
static const char *host_trouble(const Host *host, const char *name)
{
    JsonArray *networks = host->report ? report_networks(host->report) : NULL;

    for (guint i = 0; networks && i < json_array_get_length(networks); i++) {
        JsonObject *network = json_array_get_object_element(networks, i);

        if (g_strcmp0(record_text(network, "network", NULL), name) == 0)
            return record_text(network, "host-why", NULL);
    }
    return NULL;
}

static void say_host_off(Doctor *doctor, const HostNetwork *network)
{
    gboolean possible = network->types == 0 || (network->types & DEVICE_IPVTAP);

    doctor_say(
        doctor, FINDING_INFO,
        g_strdup_printf("network %s: guests and this host do not reach each other", network->name),
        possible ? g_strdup_printf("that is how its parent works; \"host=on\" on the line of "
                                   "network %s changes it, then ontapctl reload",
                                   network->name)
                 : g_strdup_printf("that is how macvtap works; a macvlan of the host's own "
                                   "on %s would reach them, or a network with types=ipvtap "
                                   "and host=on",
                                   network->parent));
}

void doctor_check_host(Doctor *doctor)
{
    const Host *host = doctor->host;

    for (guint i = 0; i < host->networks->len; i++) {
        const HostNetwork *network = g_ptr_array_index(host->networks, i);
        const char *trouble = host_trouble(host, network->name);

        if (!network->host_on)
            say_host_off(doctor, network);
        else if (trouble)
            doctor_say(doctor, FINDING_WARN,
                       g_strdup_printf("network %s: %s", network->name, trouble),
                       g_strdup("remove what is in the way; the daemon tries again every ten "
                                "seconds"));
    }
}
