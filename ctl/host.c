/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "ctl/host.h"

#include "ctl/commands.h"
#include "policy/question.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static char *below(const Host *host, const char *path)
{
    return g_strconcat(host->root, path, NULL);
}

static int real_access(const Host *host, const char *path, int mode)
{
    g_autofree char *file = below(host, path);

    return faccessat(AT_FDCWD, file, mode, AT_EACCESS) == 0 ? 0 : errno;
}

static void network_free(gpointer data)
{
    HostNetwork *network = data;

    g_free(network->name);
    g_free(network->parent);
    g_free(network);
}

Host *host_new_empty(const char *root)
{
    Host *host = g_new0(Host, 1);

    host->root = root;
    host->access = real_access;
    host->groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    host->login_groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
    host->warnings = g_ptr_array_new_with_free_func(g_free);
    host->networks = g_ptr_array_new_with_free_func(network_free);
    return host;
}

void host_free(Host *host)
{
    g_free(host->release);
    g_free(host->user);
    g_array_unref(host->groups);
    g_array_unref(host->login_groups);
    g_free(host->socket);
    g_free(host->trouble);
    g_clear_pointer(&host->status, json_object_unref);
    g_clear_pointer(&host->report, report_free);
    g_free(host->policy_path);
    g_clear_pointer(&host->policy, policy_unref);
    g_free(host->policy_error);
    g_ptr_array_unref(host->warnings);
    g_ptr_array_unref(host->networks);
    g_free(host);
}

static void take_user(Host *host)
{
    const struct passwd *entry = getpwuid(geteuid());

    host->uid = geteuid();
    host->gid = getegid();
    host->user = entry ? g_strdup(entry->pw_name) : g_strdup_printf("%u", (unsigned)host->uid);
    question_add_own_groups(host->groups);
    if (entry)
        question_add_login_groups(entry->pw_name, entry->pw_gid, host->login_groups);
}

/* Two conversations: an older daemon does not know `status`, but has a list. */
static void ask_daemon(Host *host, const Options *options)
{
    g_autoptr(Talk) status = talk_new();
    g_autoptr(Talk) list = talk_new();

    if (ask_status(status, options, &host->status) != EXIT_YES) {
        host->unreachable = status->connection.failure;
        host->trouble = g_strdup(status->error);
        if (host->unreachable != 0)
            return;
    }
    if (ask_list(list, options, &host->report) != EXIT_YES && !host->trouble)
        host->trouble = g_strdup(list->error);
}

static void read_policy(Host *host, const Options *options)
{
    g_autoptr(GError) error = NULL;

    host->policy_path = g_strdup(policy_path(options, host->status));
    host->policy = policy_load(host->policy_path, POLICY_LOAD_DEFAULT, host->warnings, &error);
    if (!host->policy)
        host->policy_error = g_strdup(error->message);
    host->policy_lag = policy_lag(host->policy_path, host->policy, host->status);
}

static HostNetwork *add_network(Host *host, const char *name, const char *parent)
{
    HostNetwork *network = g_new0(HostNetwork, 1);

    network->name = g_strdup(name);
    network->parent = g_strdup(parent);
    g_ptr_array_add(host->networks, network);
    return network;
}

static void add_from_report(Host *host, JsonObject *record)
{
    HostNetwork *network =
        add_network(host, record_text(record, "network", "?"), record_text(record, "parent", "?"));
    g_autofree char *types = record_list(record, "types", ",");
    g_auto(GStrv) words = g_strsplit(types, ",", -1);

    for (char **word = words; *word; word++) {
        DeviceType type;

        if (device_type_parse(*word, &type))
            network->types |= type;
    }
    network->mac_parent = g_str_equal(record_text(record, "mac", ""), "parent");
    network->host_on = record_flag(record, "host", FALSE);
}

void host_find_networks(Host *host)
{
    JsonArray *networks = host->report ? report_networks(host->report) : NULL;

    for (size_t i = 0; host->policy && i < policy_n_networks(host->policy); i++) {
        const PolicyNetwork *from = policy_network(host->policy, i);
        HostNetwork *network = add_network(host, from->name, from->parent);

        network->types = from->types;
        network->mac_parent = from->mac == POLICY_MAC_PARENT;
        network->host_on = from->host;
    }
    for (guint i = 0; !host->policy && networks && i < json_array_get_length(networks); i++)
        add_from_report(host, json_array_get_object_element(networks, i));
}

Host *host_new(const Options *options)
{
    Host *host = host_new_empty("");
    struct utsname kernel;

    uname(&kernel);
    host->release = g_strdup(kernel.release);
    host->socket = g_strdup(options->socket);
    take_user(host);
    ask_daemon(host, options);
    read_policy(host, options);
    host_find_networks(host);
    return host;
}

char *host_read(const Host *host, const char *path)
{
    g_autofree char *file = below(host, path);
    char *text = NULL;

    if (!g_file_get_contents(file, &text, NULL, NULL))
        return NULL;
    return g_strchomp(text);
}

gboolean host_exists(const Host *host, const char *path)
{
    g_autofree char *file = below(host, path);

    return g_file_test(file, G_FILE_TEST_EXISTS);
}

gboolean host_file_has(const Host *host, const char *path, const char *word)
{
    g_autofree char *text = host_read(host, path);
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\n:,/", -1);

    return g_strv_contains((const char *const *)words, word);
}

char *host_link(const Host *host, const char *path)
{
    g_autofree char *file = below(host, path);
    g_autofree char *target = g_file_read_link(file, NULL);

    return target ? g_path_get_basename(target) : NULL;
}

GPtrArray *host_names(const Host *host, const char *folder, const char *prefix)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = below(host, folder);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir)))
        if (g_str_has_prefix(name, prefix))
            g_ptr_array_add(names, g_strdup(name + strlen(prefix)));
    return names;
}
