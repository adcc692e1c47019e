/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What the doctor says about the machine: its kernel, its interfaces, its security modules.
 */
#include "test-ctl-doctor-world.h"

#include <glib/gstdio.h>

static void net_taps(Host *host)
{
    policy_of(host, "network lan parent=eth0 types=macvtap,macvlan\n");
}

static void net_ipvlan(Host *host)
{
    policy_of(host, "network lan parent=eth0 types=ipvlan\n");
}

static void net_from_daemon(Host *host)
{
    list_of(host, "network network=lan parent=eth0 types=macvtap mac=parent host=off");
    host_find_networks(host);
}

static void net_host_trouble(Host *host)
{
    list_of(host, "network network=lan parent=eth0 types=ipvtap host=on "
                  "host-why=\"cannot add clsact to link 3\"");
    host_find_networks(host);
}

static void may_not(Host *host)
{
    host->access = not_allowed;
}

#define ETH0 NET "eth0/ifindex=2\n", NET "eth0/flags=0x1003\n", NET "eth0/carrier=1\n"
#define MAC_A "02:00:00:00:00:0a\n"
#define MAC_B "02:00:00:00:00:0b\n"

static const Case cases[] = {
    {"modules/loaded",
     "modules",
     {"/proc/devices=246 macvtap\n247 ipvtap\n"},
     net_ipvtap,
     FINDING_OK,
     "the kernel has ipvtap",
     NULL},
    {"modules/none-named",
     "modules",
     {"/proc/devices=247 ipvtap\n"},
     NULL,
     FINDING_OK,
     "the kernel has ipvtap",
     NULL},
    {"modules/not-loaded",
     "modules",
     {"/proc/devices=246 macvtap\n",
      "/lib/modules/6.1.0/modules.dep=kernel/drivers/net/ipvlan/ipvtap.ko.xz: kernel/x.ko.xz\n"},
     net_ipvtap,
     FINDING_FAIL,
     "the kernel has ipvtap, but it is not loaded",
     "modprobe ipvtap"},
    {"modules/not-loaded-yet",
     "modules",
     {"/lib/modules/6.1.0/modules.builtin=kernel/drivers/net/ipvlan/ipvtap.ko\n"},
     no_daemon,
     FINDING_WARN,
     "it is not loaded",
     "does that by itself"},
    {"modules/not-there",
     "modules",
     {"/lib/modules/6.1.0/modules.dep=kernel/drivers/net/tap.ko:\n"},
     net_ipvtap,
     FINDING_FAIL,
     "the kernel 6.1.0 has no ipvtap",
     "CONFIG_IPVTAP"},
    {"modules/upgraded",
     "modules",
     {"/lib/modules/6.2.0/modules.dep="},
     net_ipvtap,
     FINDING_FAIL,
     "/lib/modules/6.1.0, the modules of the running kernel, is not there",
     "reboot"},
    {"modules/two",
     "modules",
     {"/proc/devices=246 macvtap\n", "/sys/module/macvlan/"},
     net_taps,
     FINDING_OK,
     "the kernel has macvlan",
     NULL},
    {"modules/not-a-tap",
     "modules",
     {"/lib/modules/6.1.0/modules.dep=a/ipvtap.ko:\n"},
     net_ipvlan,
     FINDING_FAIL,
     "has no ipvlan",
     "CONFIG_IPVLAN"},

    {"parents/up", "parents", {ETH0}, net_ipvtap, FINDING_OK, "its parent eth0 is up", NULL},
    {"parents/from-daemon", "parents", {ETH0}, net_from_daemon, FINDING_OK, "eth0 is up", NULL},
    {"parents/none", "parents", {NULL}, NULL, 0, NULL, NULL},
    {"parents/missing",
     "parents",
     {NET "eth1/ifindex=3\n"},
     net_ipvtap,
     FINDING_FAIL,
     "its parent eth0 does not exist",
     "ontapctl reload"},
    {"parents/down",
     "parents",
     {NET "eth0/ifindex=2\n", NET "eth0/flags=0x1002\n"},
     net_ipvtap,
     FINDING_FAIL,
     "its parent eth0 is down",
     "ip link set dev eth0 up"},
    {"parents/no-carrier",
     "parents",
     {NET "eth0/ifindex=2\n", NET "eth0/flags=0x1003\n", NET "eth0/carrier=0\n"},
     net_ipvtap,
     FINDING_WARN,
     "has no carrier",
     "cable"},
    {"parents/bridge",
     "parents",
     {ETH0, NET "eth0/master>../br0", NET "br0/bridge/"},
     net_ipvtap,
     FINDING_FAIL,
     "eth0 is a port of the bridge br0",
     "nomaster"},
    {"parents/bond",
     "parents",
     {ETH0, NET "eth0/master>../bond0", NET "bond0/bonding/"},
     net_ipvtap,
     FINDING_FAIL,
     "a port of the bond bond0",
     "nomaster"},
    {"parents/team",
     "parents",
     {ETH0, NET "eth0/master>../team0"},
     net_ipvtap,
     FINDING_FAIL,
     "a port of the interface team0",
     "nomaster"},
    {"parents/macvtap-on-it",
     "parents",
     {ETH0, NET "eth0/upper_mv0>../mv0", NET "mv0/macvtap/"},
     net_ipvtap,
     FINDING_FAIL,
     "mv0 stands on its parent eth0",
     "ip link delete mv0"},
    {"parents/ipvtap-on-it",
     "parents",
     {ETH0, NET "eth0/upper_iv0>../iv0", NET "iv0/ipvtap/"},
     net_taps,
     FINDING_FAIL,
     "iv0 stands on its parent eth0",
     "ip link delete iv0"},
    {"parents/macvlan-on-it",
     "parents",
     {ETH0, NET "eth0/address=" MAC_A, NET "eth0/upper_mv0>../mv0", NET "mv0/address=" MAC_B,
      NET "mv0/iflink=2\n"},
     net_ipvtap,
     FINDING_FAIL,
     "mv0 stands on its parent eth0",
     "ip link delete mv0"},
    {"parents/ipvlan-on-it",
     "parents",
     {ETH0, NET "eth0/address=" MAC_A, NET "eth0/upper_iv0>../iv0", NET "iv0/address=" MAC_A,
      NET "iv0/iflink=2\n"},
     net_ipvtap,
     FINDING_OK,
     "eth0 is up",
     NULL},
    {"parents/vlan-on-it",
     "parents",
     {ETH0, NET "eth0/upper_v0>../v0", NET "v0/uevent=DEVTYPE=vlan\nINTERFACE=v0\n",
      NET "v0/iflink=2\n", NET "v0/address=" MAC_B},
     net_ipvtap,
     FINDING_OK,
     "eth0 is up",
     NULL},

    {"wifi/wired", "wifi", {ETH0}, net_ipvtap, 0, NULL, NULL},
    {"wifi/fit", "wifi", {NET "eth0/wireless/"}, net_ipvtap, FINDING_OK, "fit for Wi-Fi", NULL},
    {"wifi/macvtap",
     "wifi",
     {NET "eth0/phy80211>../../phy0", NET "eth0/wireless/"},
     net_taps,
     FINDING_FAIL,
     "eth0 is Wi-Fi, where macvtap and macvlan do not work",
     "types=ipvtap"},
    {"wifi/mac",
     "wifi",
     {NET "eth0/wireless/"},
     net_parent_mac,
     FINDING_WARN,
     "only with the MAC of eth0",
     "mac=translate"},

    {"vhost/missing",
     "vhost",
     {NULL},
     NULL,
     FINDING_WARN,
     "there is no /dev/vhost-net",
     "modprobe vhost_net"},
    {"vhost/allowed",
     "vhost",
     {"/dev/vhost-net="},
     NULL,
     FINDING_OK,
     "member may use /dev/vhost-net",
     NULL},
    {"vhost/forbidden",
     "vhost",
     {"/dev/vhost-net="},
     may_not,
     FINDING_WARN,
     "member may not open /dev/vhost-net",
     "usermod -aG kvm member"},

    {"apparmor/none", "apparmor", {NULL}, NULL, 0, NULL, NULL},
    {"apparmor/off",
     "apparmor",
     {"/sys/module/apparmor/parameters/enabled=N\n"},
     NULL,
     0,
     NULL,
     NULL},
    {"apparmor/helper",
     "apparmor",
     {"/sys/module/apparmor/parameters/enabled=Y\n", "/usr/bin/ontap-helper="},
     NULL,
     FINDING_OK,
     "/usr/bin/ontap-helper",
     NULL},
    {"apparmor/elsewhere",
     "apparmor",
     {"/sys/module/apparmor/parameters/enabled=Y\n", "/usr/local/bin/ontap-helper="},
     NULL,
     FINDING_WARN,
     "there is no /usr/bin/ontap-helper",
     "--prefix=/usr"},

    {"selinux/none", "selinux", {NULL}, NULL, 0, NULL, NULL},
    {"selinux/permissive", "selinux", {"/sys/fs/selinux/enforce=0"}, NULL, 0, NULL, NULL},
    {"selinux/labelled",
     "selinux",
     {"/sys/fs/selinux/enforce=1", "/proc/self/mountinfo=9 1 0:9 / /run/ontap/dev rw - tmpfs t "
                                   "rw,context=system_u:object_r:tun_tap_device_t:s0\n"},
     NULL,
     FINDING_OK,
     "knows the device nodes",
     NULL},
    {"selinux/plain",
     "selinux",
     {"/sys/fs/selinux/enforce=1",
      "/proc/self/mountinfo=9 1 0:9 / /run/ontap/dev rw - tmpfs t rw\n"},
     NULL,
     FINDING_WARN,
     "not labelled",
     "ausearch"},

    {"host/off",
     "host",
     {NULL},
     net_ipvtap,
     FINDING_INFO,
     "guests and this host do not reach",
     "host=on"},
    {"host/on", "host", {NULL}, net_parent_mac, 0, NULL, NULL},
    {"host/taps", "host", {NULL}, net_taps, FINDING_INFO, "do not reach", "macvlan of the host's"},
    {"host/trouble",
     "host",
     {NULL},
     net_host_trouble,
     FINDING_WARN,
     "network lan: cannot add clsact",
     "tries again"},
};

/* All of them on one machine: what does not concern it says nothing. */
static void check_all(void)
{
    g_autofree char *root = g_dir_make_tmp("ontap-test-XXXXXX", NULL);
    g_autoptr(Host) host = machine_new(root);
    g_autoptr(Doctor) doctor = NULL;

    host->uid = 0;
    host->policy_error = g_strdup("none");
    doctor = doctor_new(host, NULL);
    g_rmdir(root);
    tell_findings(doctor);
    g_assert_cmpuint(doctor->findings->len, ==, 6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_cases(cases, G_N_ELEMENTS(cases));
    g_test_add_func("/ctl/doctor/all", check_all);
    return g_test_run();
}
