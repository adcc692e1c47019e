/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Is there a daemon, may this user talk to it, and what does it say of itself and of its devices?
 */
#include "ctl/doctor.h"

#include "config.h"

#include <errno.h>
#include <string.h>

void doctor_check_socket(Doctor *doctor)
{
    const Host *host = doctor->host;

    switch (host->unreachable) {
    case 0:
        doctor_say(doctor, FINDING_OK, g_strdup_printf("somebody answers at %s", host->socket),
                   NULL);
        return;
    case ENOENT:
        doctor_say(doctor, FINDING_FAIL, g_strdup_printf("there is no socket %s", host->socket),
                   g_strdup("start the daemon: systemctl enable --now ontapd; if it does not stay: "
                            "journalctl -u ontapd"));
        return;
    case EACCES:
    case EPERM:
        doctor_say(doctor, FINDING_FAIL,
                   g_strdup_printf("%s may not reach the socket %s", host->user, host->socket),
                   g_strdup_printf("the socket must have mode 0666 and every folder above it o+x: "
                                   "namei -l %s; it is the policy that decides who gets what",
                                   host->socket));
        return;
    case ECONNREFUSED:
        doctor_say(doctor, FINDING_FAIL,
                   g_strdup_printf("nobody listens at %s any more", host->socket),
                   g_strdup("the daemon has ended, its devices go on: systemctl restart ontapd; "
                            "journalctl -u ontapd says why it ended"));
        return;
    default:
        doctor_say(
            doctor, FINDING_FAIL,
            g_strdup_printf("the socket %s: %s", host->socket, g_strerror(host->unreachable)),
            g_strdup("look at the daemon: systemctl status ontapd"));
    }
}

void doctor_check_answers(Doctor *doctor)
{
    const Host *host = doctor->host;
    const char *version = record_text(host->status, "version", "?");

    if (host->unreachable != 0)
        return;
    if (host->trouble)
        doctor_say(doctor, FINDING_FAIL, g_strdup(host->trouble),
                   g_strdup("is that ontapd, and of the version of this ontapctl "
                            "(" ONTAP_VERSION ")? systemctl restart ontapd"));
    else if (!g_str_equal(version, ONTAP_VERSION))
        doctor_say(doctor, FINDING_WARN,
                   g_strdup_printf("ontapd is version %s, and ontapctl " ONTAP_VERSION, version),
                   g_strdup("restart the daemon after an upgrade, its devices go on: systemctl "
                            "restart ontapd"));
    else
        doctor_say(doctor, FINDING_OK, g_strdup_printf("ontapd is version %s", version), NULL);
}

void doctor_check_learner(Doctor *doctor)
{
    const char *learner = record_text(doctor->host->status, "learner", NULL);

    if (!learner)
        return;
    if (g_str_equal(learner, "running"))
        doctor_say(doctor, FINDING_OK, g_strdup("the guests' addresses are learned"), NULL);
    else
        doctor_say(doctor, FINDING_FAIL,
                   g_strdup_printf("no new address is learned: ontap-learnd is %s", learner),
                   g_strdup("restart the daemon, its devices go on: systemctl restart ontapd; "
                            "journalctl -u ontapd says why the learner ended"));
}

/* Without eBPF a guest works if it uses its parent's MAC, and nothing guards it. */
void doctor_check_translate(Doctor *doctor)
{
    const Host *host = doctor->host;
    gboolean wanted = FALSE;

    if (!host->status || !json_object_has_member(host->status, "translate"))
        return;
    for (guint i = 0; i < host->networks->len; i++)
        wanted |= !((const HostNetwork *)g_ptr_array_index(host->networks, i))->mac_parent;
    if (record_flag(host->status, "translate", FALSE))
        doctor_say(doctor, FINDING_OK, g_strdup("guests may have a MAC of their own"), NULL);
    else if (wanted)
        doctor_say(doctor, FINDING_WARN,
                   g_strdup_printf("guests cannot have a MAC of their own, and are not guarded: %s",
                                   record_text(host->status, "translate-why", "no eBPF")),
                   g_strdup("give each guest the MAC that ontap says (mac=$ONTAP_HWADDR), or "
                            "install an ontapd with translation and a kernel with eBPF"));
}

static char *device_name(JsonObject *device)
{
    return g_strdup_printf("%s (%s on %s)", record_text(device, "ifname", "?"),
                           record_text(device, "name", "?"), record_text(device, "network", "?"));
}

static void check_device(Doctor *doctor, JsonObject *device)
{
    g_autofree char *name = device_name(device);
    const char *same_mac = record_text(device, "same-mac", NULL);

    if (same_mac)
        doctor_say(
            doctor, FINDING_WARN,
            g_strdup_printf("the guest of %s has the same MAC as that of %s, so both get the "
                            "same address",
                            name, same_mac),
            g_strdup("QEMU's own MAC is the same for every guest: give each its own, e.g. "
                     "-device virtio-net-pci,mac=…"));
    if (!record_flag(device, "permitted", TRUE))
        doctor_say(doctor, FINDING_WARN, g_strdup_printf("the policy no longer permits %s", name),
                   g_strdup("allow it in the policy and reload, or take it away: ontapctl revoke"));
    if (json_array_get_length(json_object_get_array_member(device, "bindings")) == 0 &&
        json_array_get_length(json_object_get_array_member(device, "refusals")) > 0)
        doctor_say(
            doctor, FINDING_WARN,
            g_strdup_printf("%s has no address: all that its guest asked for were refused", name),
            g_strdup("ontapctl list says how often and why, and ontapctl(1) what to do"));
}

void doctor_check_devices(Doctor *doctor)
{
    JsonArray *devices = doctor->host->report ? report_devices(doctor->host->report) : NULL;
    guint before = doctor->findings->len;

    if (!devices)
        return;
    for (guint i = 0; i < json_array_get_length(devices); i++)
        check_device(doctor, json_array_get_object_element(devices, i));
    if (doctor->findings->len == before)
        doctor_say(doctor, FINDING_OK,
                   g_strdup_printf("nothing is wrong with %u device%s",
                                   json_array_get_length(devices),
                                   json_array_get_length(devices) == 1 ? "" : "s"),
                   NULL);
}
