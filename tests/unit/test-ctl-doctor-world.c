/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "test-ctl-doctor-world.h"

#include "config.h"
#include "policy/load.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

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

int not_allowed(const Host *host, const char *path, int mode)
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

void policy_of(Host *host, const char *text)
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

void status_of(Host *host, const char *text)
{
    const char *word;

    host->status = record_from(text, &word);
}

void list_of(Host *host, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    host->report = report_new();
    for (char **line = lines; *line; line++) {
        const char *word;
        JsonObject *record = record_from(*line, &word);

        report_add(host->report, word, record);
    }
}

void net_ipvtap(Host *host)
{
    policy_of(host, "network lan parent=eth0 default\nallow user=4711\n");
}

void net_parent_mac(Host *host)
{
    policy_of(host, "network lan parent=eth0 mac=parent host=on\n");
}

void no_daemon(Host *host)
{
    net_ipvtap(host);
    host->unreachable = ENOENT;
}

Host *machine_new(const char *root)
{
    Host *host = host_new_empty(root);

    host->access = allowed;
    host->release = g_strdup("6.1.0");
    host->socket = g_strdup("/run/s");
    host->user = g_strdup("member");
    host->uid = 4711;
    host->policy_path = g_strdup("/etc/ontap/policy");
    return host;
}

void tell_findings(const Doctor *doctor)
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
    g_autoptr(Host) host = machine_new(root);
    g_autoptr(Doctor) doctor = NULL;

    for (gsize i = 0; i < FILES_MAX && test->files[i]; i++)
        make_file(root, test->files[i]);
    if (test->prepare)
        test->prepare(host);
    doctor = doctor_new(host, test->check);
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    tell_findings(doctor);
    if (test->text)
        g_assert_true(found(doctor, test));
    else
        g_assert_cmpuint(doctor->findings->len, ==, 0);
}

void add_cases(const Case *cases, gsize n)
{
    for (gsize i = 0; i < n; i++) {
        g_autofree char *path = g_strconcat("/ctl/doctor/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], check_case);
    }
}
