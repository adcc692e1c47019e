/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * Every check of the doctor on machines that have, or have not, what it looks for. A machine is a
 * folder of files and a Host.
 */
#include "ctl/doctor.h"

#include "config.h"
#include "policy/load.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 8
#define NET "/sys/class/net/"

typedef struct {
    const char *name;
    const char *check;
    /* `PATH=TEXT` is a file, `PATH>TARGET` a symbolic link, `PATH/` a folder. */
    const char *files[FILES_MAX];
    void (*prepare)(Host *host);
    FindingLevel level; /* of a finding with these words in it; none at all when `text` is NULL */
    const char *text;
    const char *hint;
} Case;

/* ── machines ─────────────────────────────────────────────────────────────────────────────── */

static void make_file(const char *root, const char *what)
{
    gsize size = strcspn(what, "=>");
    g_autofree char *name = g_strndup(what, size);
    g_autofree char *path = g_strconcat(root, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
    if (what[size] == '=')
        g_assert_true(g_file_set_contents(path, what + size + 1, -1, NULL));
    else if (what[size] == '>')
        g_assert_cmpint(symlink(what + size + 1, path), ==, 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    return remove(path);
}

static int not_allowed(const Host *host, const char *path, int mode)
{
    return EACCES;
}

static int allowed(const Host *host, const char *path, int mode)
{
    return 0;
}

static Policy *load_policy(const char *text)
{
    const LoadSystem system = {
        .owner = geteuid(), .subuid_file = "/nonexistent", .names = &name_source_system};
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;
    Policy *policy;
    int handle = g_file_open_tmp("ontap-policy-XXXXXX", &path, NULL);

    g_close(handle, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_chmod(path, 0644);
    policy = policy_load_on(&system, path, POLICY_LOAD_DEFAULT, NULL, &error);
    g_remove(path);
    g_assert_no_error(error);
    return policy;
}

static void policy_of(Host *host, const char *text)
{
    host->policy = load_policy(text);
    host_find_networks(host);
}

static JsonObject *record_from(const char *text, const char **wordp)
{
    static Line line;

    g_assert_cmpint(line_parse(&line, text, strlen(text)), ==, LINE_OK);
    *wordp = line.word;
    return record_new(&line, RECORD_FOR_PEOPLE);
}

static void status_of(Host *host, const char *text)
{
    const char *word;

    host->status = record_from(text, &word);
}

static void list_of(Host *host, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    host->report = report_new();
    for (char **line = lines; *line; line++) {
        const char *word;
        JsonObject *record = record_from(*line, &word);

        report_add(host->report, word, record);
    }
}

/* ── what the cases change ────────────────────────────────────────────────────────────────── */

static void net_ipvtap(Host *host)
{
    policy_of(host, "network lan parent=eth0 default\nallow user=4711\n");
}

static void net_taps(Host *host)
{
    policy_of(host, "network lan parent=eth0 types=macvtap,macvlan\n");
}

static void net_ipvlan(Host *host)
{
    policy_of(host, "network lan parent=eth0 types=ipvlan\n");
}

static void net_parent_mac(Host *host)
{
    policy_of(host, "network lan parent=eth0 mac=parent host=on\n");
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

static void no_daemon(Host *host)
{
    net_ipvtap(host);
    host->unreachable = ENOENT;
}

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

static void may_not(Host *host)
{
    host->access = not_allowed;
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

/* ── cases ────────────────────────────────────────────────────────────────────────────────── */

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

static void describe(const Doctor *doctor)
{
    for (guint i = 0; i < doctor->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(doctor->findings, i);

        g_test_message("%s %s: %s (%s)", finding->check, finding_level_text(finding->level),
                       finding->text, finding->hint);
    }
}

/* A bad finding always says what to do. */
static gboolean found(const Doctor *doctor, const Case *test)
{
    gboolean any = FALSE;

    for (guint i = 0; i < doctor->findings->len; i++) {
        const Finding *finding = g_ptr_array_index(doctor->findings, i);

        g_assert_cmpstr(finding->check, ==, test->check);
        g_assert_true((finding->hint != NULL) == (finding->level != FINDING_OK));
        any |= finding->level == test->level && strstr(finding->text, test->text) &&
               (test->hint ? strstr(finding->hint, test->hint) != NULL : !finding->hint);
    }
    return any;
}

static void check_case(gconstpointer data)
{
    const Case *test = data;
    g_autofree char *root = g_dir_make_tmp("ontap-test-XXXXXX", NULL);
    g_autoptr(Host) host = host_new_empty(root);
    g_autoptr(Doctor) doctor = NULL;

    for (gsize i = 0; i < FILES_MAX && test->files[i]; i++)
        make_file(root, test->files[i]);
    host->access = allowed;
    host->release = g_strdup("6.1.0");
    host->socket = g_strdup("/run/s");
    host->user = g_strdup("member");
    host->uid = 4711;
    host->policy_path = g_strdup("/etc/ontap/policy");
    if (test->prepare)
        test->prepare(host);
    doctor = doctor_new(host, test->check);
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    describe(doctor);
    if (test->text)
        g_assert_true(found(doctor, test));
    else
        g_assert_cmpuint(doctor->findings->len, ==, 0);
}

/* All of them on one machine: what does not concern it says nothing. */
static void check_all(void)
{
    g_autofree char *root = g_dir_make_tmp("ontap-test-XXXXXX", NULL);
    g_autoptr(Host) host = host_new_empty(root);
    g_autoptr(Doctor) doctor = NULL;

    host->access = allowed;
    host->release = g_strdup("6.1.0");
    host->socket = g_strdup("/run/s");
    host->user = g_strdup("member");
    host->policy_path = g_strdup("/etc/ontap/policy");
    host->policy_error = g_strdup("none");
    doctor = doctor_new(host, NULL);
    g_rmdir(root);
    describe(doctor);
    g_assert_cmpuint(doctor->findings->len, ==, 6);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/ctl/doctor/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], check_case);
    }
    g_test_add_func("/ctl/doctor/all", check_all);
    return g_test_run();
}
