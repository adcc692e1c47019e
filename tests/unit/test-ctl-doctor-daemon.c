/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the doctor says about the daemon, the policy, and what they let a user have.
 */
#include "test-ctl-doctor-world.h"

#include "config.h"

#include <errno.h>

static void no_right(Host *host)
{
    host->unreachable = EACCES;
}

static void no_listener(Host *host)
{
    host->unreachable = ECONNREFUSED;
}

static void no_room(Host *host)
{
    host->unreachable = ENOTDIR;
}

static void in_trouble(Host *host)
{
    host->trouble = g_strdup("malformed: column 1");
}

static void same_version(Host *host)
{
    status_of(host, "ok version=" ONTAP_VERSION);
}

static void other_version(Host *host)
{
    status_of(host, "ok version=0.0.1");
}

static void learner_runs(Host *host)
{
    status_of(host, "ok learner=running");
}

static void learner_dead(Host *host)
{
    status_of(host, "ok learner=dead");
}

static void translates(Host *host)
{
    status_of(host, "ok translate=yes");
}

static void no_translation(Host *host)
{
    net_ipvtap(host);
    status_of(host, "ok translate=no translate-why=\"no BTF\"");
}

static void no_translation_wanted(Host *host)
{
    net_parent_mac(host);
    status_of(host, "ok translate=no");
}

static void policy_fails(Host *host)
{
    host->policy_error = g_strdup("/etc/ontap/policy:2:7: no such key 'usr'");
}

static void policy_hidden(Host *host)
{
    policy_fails(host);
    host->access = not_allowed;
}

static void policy_newer(Host *host)
{
    net_ipvtap(host);
    host->policy_lag = 60;
}

static void policy_warns(Host *host)
{
    net_ipvtap(host);
    g_ptr_array_add(host->warnings, g_strdup("policy:2:12: no user 'x'"));
}

static void denied(Host *host)
{
    policy_of(host, "network lan parent=eth0\nallow user=1\n");
}

static void new_group(Host *host)
{
    const gid_t gid = 54321;

    g_array_append_val(host->login_groups, gid);
}

static void by_group(Host *host)
{
    const gid_t gid = 54321;

    g_array_append_val(host->groups, gid);
    g_array_append_val(host->login_groups, gid);
    policy_of(host, "network lan parent=eth0\nallow group=54321 devices=1 queues=2\n");
}

static void devices_fine(Host *host)
{
    list_of(host, "device ifname=ontap1 network=lan name=a permitted=yes\n"
                  "binding ifname=ontap1 address=192.0.2.1\n"
                  "refusals ifname=ontap1 reason=host count=1");
}

static void devices_same_mac(Host *host)
{
    list_of(host, "device ifname=ontap1 network=lan name=a same-mac=ontap0");
}

static void devices_forbidden(Host *host)
{
    list_of(host, "device ifname=ontap1 network=lan name=a permitted=no");
}

static void devices_refused(Host *host)
{
    list_of(host, "device ifname=ontap1 network=lan name=a\n"
                  "refusals ifname=ontap1 reason=host count=1");
}

static const Case cases[] = {
    {"socket/answers", "socket", {NULL}, NULL, FINDING_OK, "somebody answers at /run/s", NULL},
    {"socket/missing",
     "socket",
     {NULL},
     no_daemon,
     FINDING_FAIL,
     "there is no socket /run/s",
     "systemctl enable --now ontapd"},
    {"socket/forbidden",
     "socket",
     {NULL},
     no_right,
     FINDING_FAIL,
     "member may not reach",
     "namei -l /run/s"},
    {"socket/dead",
     "socket",
     {NULL},
     no_listener,
     FINDING_FAIL,
     "nobody listens",
     "systemctl restart ontapd"},
    {"socket/other",
     "socket",
     {NULL},
     no_room,
     FINDING_FAIL,
     "Not a directory",
     "systemctl status"},

    {"answers/none", "answers", {NULL}, no_daemon, 0, NULL, NULL},
    {"answers/trouble",
     "answers",
     {NULL},
     in_trouble,
     FINDING_FAIL,
     "malformed: column 1",
     "systemctl restart"},
    {"answers/same", "answers", {NULL}, same_version, FINDING_OK, ONTAP_VERSION, NULL},
    {"answers/other",
     "answers",
     {NULL},
     other_version,
     FINDING_WARN,
     "ontapd is version 0.0.1",
     "after an upgrade"},

    {"learner/unknown", "learner", {NULL}, NULL, 0, NULL, NULL},
    {"learner/running", "learner", {NULL}, learner_runs, FINDING_OK, "are learned", NULL},
    {"learner/dead",
     "learner",
     {NULL},
     learner_dead,
     FINDING_FAIL,
     "ontap-learnd is dead",
     "systemctl restart"},

    {"translate/unknown", "translate", {NULL}, learner_runs, 0, NULL, NULL},
    {"translate/yes", "translate", {NULL}, translates, FINDING_OK, "a MAC of their own", NULL},
    {"translate/no",
     "translate",
     {NULL},
     no_translation,
     FINDING_WARN,
     "not guarded: no BTF",
     "$ONTAP_HWADDR"},
    {"translate/unwanted", "translate", {NULL}, no_translation_wanted, 0, NULL, NULL},

    {"policy/valid", "policy", {NULL}, net_ipvtap, FINDING_OK, "/etc/ontap/policy is valid", NULL},
    {"policy/bad",
     "policy",
     {NULL},
     policy_fails,
     FINDING_FAIL,
     "/etc/ontap/policy:2:7: no such key",
     "ontap-policy check /etc/ontap/policy"},
    {"policy/hidden",
     "policy",
     {NULL},
     policy_hidden,
     FINDING_WARN,
     "member may not read the policy",
     "as root"},
    {"policy/newer",
     "policy",
     {NULL},
     policy_newer,
     FINDING_WARN,
     "is newer than what is in force",
     "ontapctl reload"},
    {"policy/warnings",
     "policy",
     {NULL},
     policy_warns,
     FINDING_WARN,
     "no user 'x'",
     "ontap-policy check"},

    {"groups/all", "groups", {NULL}, by_group, FINDING_OK, "all the groups of member", NULL},
    {"groups/new",
     "groups",
     {NULL},
     new_group,
     FINDING_WARN,
     "54321, but this process is not",
     "log out of the whole session and in again"},

    {"permission/user",
     "permission",
     {NULL},
     net_ipvtap,
     FINDING_OK,
     "member may have 4 ipvtap devices on lan, with 8 queues and 8 addresses each",
     NULL},
    {"permission/group",
     "permission",
     {NULL},
     by_group,
     FINDING_OK,
     "member may have 1 ipvtap device on lan, with 2 queues",
     NULL},
    {"permission/none",
     "permission",
     {NULL},
     denied,
     FINDING_FAIL,
     "have no device on any network",
     "allow user=member"},
    {"permission/unknown", "permission", {NULL}, policy_fails, 0, NULL, NULL},

    {"devices/unknown", "devices", {NULL}, NULL, 0, NULL, NULL},
    {"devices/fine",
     "devices",
     {NULL},
     devices_fine,
     FINDING_OK,
     "nothing is wrong with 1 device",
     NULL},
    {"devices/same-mac",
     "devices",
     {NULL},
     devices_same_mac,
     FINDING_WARN,
     "ontap1 (a on lan) has the same MAC",
     "give each its own"},
    {"devices/forbidden",
     "devices",
     {NULL},
     devices_forbidden,
     FINDING_WARN,
     "no longer permits ontap1",
     "ontapctl revoke"},
    {"devices/refused",
     "devices",
     {NULL},
     devices_refused,
     FINDING_WARN,
     "ontap1 (a on lan) has no address",
     "ontapctl list"},
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_cases(cases, G_N_ELEMENTS(cases));
    return g_test_run();
}
