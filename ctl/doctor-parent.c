/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Can the interfaces that the networks name carry devices? Asked of /sys/class/net, which shows the
 * network namespace of whoever asks.
 */
#include "ctl/doctor.h"

#include <net/if.h>
#include <string.h>

#define IP_FAMILY (DEVICE_IPVTAP | DEVICE_IPVLAN)
#define MAC_FAMILY (DEVICE_MACVTAP | DEVICE_MACVLAN)

static char *attribute_path(const char *interface, const char *attribute)
{
    return g_strdup_printf("/sys/class/net/%s/%s", interface, attribute);
}

static char *attribute_read(const Host *host, const char *interface, const char *attribute)
{
    g_autofree char *path = attribute_path(interface, attribute);

    return host_read(host, path);
}

static gboolean attribute_exists(const Host *host, const char *interface, const char *attribute)
{
    g_autofree char *path = attribute_path(interface, attribute);

    return host_exists(host, path);
}

/* "a port of the bridge br0", or NULL. */
static char *port_text(const Host *host, const char *parent)
{
    g_autofree char *path = attribute_path(parent, "master");
    g_autofree char *master = host_link(host, path);

    if (!master)
        return NULL;
    return g_strdup_printf("a port of the %s %s",
                           attribute_exists(host, master, "bridge")    ? "bridge"
                           : attribute_exists(host, master, "bonding") ? "bond"
                                                                       : "interface",
                           master);
}

/* The family of an interface that stands on the parent; 0 when it is neither. sysfs names the two
 * taps; of the others that a parent carries, VLANs and the like have a DEVTYPE, and a macvlan has a
 * MAC of its own while an ipvlan has its parent's. */
static guint family_of(const Host *host, const char *parent, const char *upper)
{
    g_autofree char *event = attribute_read(host, upper, "uevent");
    g_autofree char *beneath = attribute_read(host, upper, "iflink");
    g_autofree char *index = attribute_read(host, parent, "ifindex");
    g_autofree char *mac = attribute_read(host, upper, "address");
    g_autofree char *parent_mac = attribute_read(host, parent, "address");

    if (attribute_exists(host, upper, "macvtap"))
        return MAC_FAMILY;
    if (attribute_exists(host, upper, "ipvtap"))
        return IP_FAMILY;
    if ((event && strstr(event, "DEVTYPE=")) || g_strcmp0(beneath, index) != 0)
        return 0;
    return g_strcmp0(mac, parent_mac) == 0 ? IP_FAMILY : MAC_FAMILY;
}

/* An interface on the parent that excludes devices of these types, or NULL. */
static char *rival(const Host *host, const char *parent, guint types)
{
    g_autofree char *folder = attribute_path(parent, "");
    g_autoptr(GPtrArray) uppers = host_names(host, folder, "upper_");

    for (guint i = 0; i < uppers->len; i++) {
        guint family = family_of(host, parent, g_ptr_array_index(uppers, i));

        if (family != 0 && types != 0 && !(family & types))
            return g_strdup(g_ptr_array_index(uppers, i));
    }
    return NULL;
}

/* What keeps the parent from carrying devices at all. */
static gboolean say_unfit(Doctor *doctor, const HostNetwork *network)
{
    const Host *host = doctor->host;
    const char *parent = network->parent;
    g_autofree char *port = port_text(host, parent);
    g_autofree char *other = rival(host, parent, network->types);

    if (port)
        doctor_say(doctor, FINDING_FAIL,
                   g_strdup_printf("network %s: its parent %s is %s, and so cannot carry devices",
                                   network->name, parent, port),
                   g_strdup("name the bridge or bond itself as the parent, or take the interface "
                            "out of it: ip link set dev IF nomaster"));
    else if (other)
        doctor_say(
            doctor, FINDING_FAIL,
            g_strdup_printf("network %s: %s stands on its parent %s, which cannot carry both "
                            "ipv* and macv* devices",
                            network->name, other, parent),
            g_strdup_printf("remove it (ip link delete %s; a container engine may have made "
                            "it), or use types= of its family in the policy",
                            other));
    return port || other;
}

static void check_parent(Doctor *doctor, const HostNetwork *network)
{
    const Host *host = doctor->host;
    const char *parent = network->parent;
    g_autofree char *flags = attribute_read(host, parent, "flags");
    g_autofree char *carrier = attribute_read(host, parent, "carrier");

    if (!attribute_exists(host, parent, "ifindex")) {
        doctor_say(
            doctor, FINDING_FAIL,
            g_strdup_printf("network %s: its parent %s does not exist", network->name, parent),
            g_strdup("ip link shows what there is; names of USB and Wi-Fi interfaces change "
                     "with the port; then correct parent= and run ontapctl reload"));
        return;
    }
    if (say_unfit(doctor, network))
        return;
    if (flags && !(g_ascii_strtoull(flags, NULL, 16) & IFF_UP))
        doctor_say(
            doctor, FINDING_FAIL,
            g_strdup_printf("network %s: its parent %s is down", network->name, parent),
            g_strdup_printf("ip link set dev %s up, or have your network manager do it", parent));
    else if (g_strcmp0(carrier, "1") != 0)
        doctor_say(
            doctor, FINDING_WARN,
            g_strdup_printf("network %s: its parent %s has no carrier", network->name, parent),
            g_strdup("plug the cable in, or join the Wi-Fi network"));
    else
        doctor_say(doctor, FINDING_OK,
                   g_strdup_printf("network %s: its parent %s is up", network->name, parent), NULL);
}

void doctor_check_parents(Doctor *doctor)
{
    const GPtrArray *networks = doctor->host->networks;

    for (guint i = 0; i < networks->len; i++)
        check_parent(doctor, g_ptr_array_index(networks, i));
}

/* An access point takes frames from the station's own MAC only. */
void doctor_check_wifi(Doctor *doctor)
{
    const Host *host = doctor->host;

    for (guint i = 0; i < host->networks->len; i++) {
        const HostNetwork *network = g_ptr_array_index(host->networks, i);

        if (!attribute_exists(host, network->parent, "wireless") &&
            !attribute_exists(host, network->parent, "phy80211"))
            continue;
        if (network->types & MAC_FAMILY)
            doctor_say(doctor, FINDING_FAIL,
                       g_strdup_printf("network %s: %s is Wi-Fi, where macvtap and macvlan do not "
                                       "work: the access point drops every other MAC",
                                       network->name, network->parent),
                       g_strdup("use types=ipvtap"));
        else if (network->mac_parent)
            doctor_say(doctor, FINDING_WARN,
                       g_strdup_printf("network %s: %s is Wi-Fi, and with mac=parent a guest works "
                                       "only with the MAC of %s",
                                       network->name, network->parent, network->parent),
                       g_strdup("give each guest that MAC (mac=$ONTAP_HWADDR of ontap(1)), or use "
                                "mac=translate"));
        else
            doctor_say(doctor, FINDING_OK,
                       g_strdup_printf("network %s: fit for Wi-Fi", network->name), NULL);
    }
}
