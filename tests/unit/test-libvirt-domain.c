/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What a domain's XML says of our devices, and the notes about who has which.
 */
#include "qemu-wrapper/domain.h"
#include "qemu-wrapper/holder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <utime.h>

typedef struct {
    const char *name;
    const char *xml;
    const char *result; /* `DEV NETWORK QUEUES;` of each device, or a part of the error */
} Case;

#define NS "xmlns:ontap='urn:ontap:libvirt'"
#define OURS(LIST) "<metadata><ontap:interfaces " NS ">" LIST "</ontap:interfaces></metadata>"
#define ENTRY(DEV) "<ontap:interface dev='" DEV "' network='lan'/>"
#define TARGET(DEV) "<target dev='" DEV "' managed='no'/>"
#define ETHERNET(INSIDE) "<interface type='ethernet'>" INSIDE "</interface>"
#define DOMAIN(METADATA, INTERFACES)                                                               \
    "<domain type='kvm'><name>web</name>" METADATA "<devices>" INTERFACES "</devices></domain>"
#define WEB0 ETHERNET(TARGET("web0"))
#define IS_MISSING "no <interface type='ethernet'> has <target dev='web0' managed='no'/>"

static const Case cases[] = {
    /* What is not ours, whatever it looks like. */
    {"foreign/empty", "", ""},
    {"foreign/not-xml", "<<<", ""},
    {"foreign/interfaces", DOMAIN("", WEB0), ""},
    {"foreign/described",
     DOMAIN("<description>urn:ontap:libvirt &lt;ontap:interfaces&gt;</description>", WEB0), ""},
    {"foreign/other-namespace",
     DOMAIN("<metadata><ontap:interfaces xmlns:ontap='urn:ontap:libvirts'>" ENTRY(
                "web0") "</ontap:interfaces></metadata>",
            WEB0),
     ""},
    {"foreign/no-namespace",
     DOMAIN("<metadata><a:x xmlns:a='urn:ontap:libvirt:2'/><interfaces><interface dev='web0'/>"
            "</interfaces></metadata>",
            WEB0),
     ""},
    {"foreign/inside-another",
     DOMAIN("<metadata><a:x xmlns:a='urn:a'><ontap:interfaces " NS
            ">" ENTRY("web0") "</ontap:interfaces></a:x></metadata>",
            WEB0),
     ""},
    {"foreign/elsewhere",
     DOMAIN("", "<ontap:interfaces " NS ">" ENTRY("web0") "</ontap:interfaces>" WEB0), ""},

    {"ours/one", DOMAIN(OURS(ENTRY("web0")), WEB0), "web0 lan 1;"},
    {"ours/default-network", DOMAIN(OURS("<ontap:interface dev='web0'/>"), WEB0), "web0 - 1;"},
    {"ours/none-listed", DOMAIN(OURS(""), WEB0), ""},
    {"ours/queues",
     DOMAIN(OURS(ENTRY("web0")),
            ETHERNET("<driver name='vhost' queues='4'><host tso4='on'/></driver>" TARGET("web0"))),
     "web0 lan 4;"},
    {"ours/several",
     DOMAIN(
         OURS(ENTRY("b0") "<ontap:interface network='lab' dev='a0'/>"),
         ETHERNET(TARGET("a0")) "<interface type='bridge'><target dev='c0'/></interface>" ETHERNET(
             TARGET("b0") "<driver queues='2'/>")),
     "b0 lan 2;a0 lab 1;"},
    {"ours/another-prefix",
     DOMAIN("<metadata><x:interfaces xmlns:x='urn:ontap:libvirt'><x:interface dev='web0'/>"
            "</x:interfaces></metadata>",
            WEB0),
     "web0 - 1;"},
    {"ours/no-prefix",
     DOMAIN("<metadata><interfaces xmlns='urn:ontap:libvirt'><interface dev='web0'/></interfaces>"
            "</metadata>",
            WEB0),
     "web0 - 1;"},
    {"ours/prefix-from-above",
     "<domain " NS "><metadata><ontap:interfaces>" ENTRY(
         "web0") "</ontap:interfaces></metadata><devices>" WEB0 "</devices></domain>",
     "web0 lan 1;"},
    {"ours/prefix-that-ends",
     DOMAIN("<metadata><o:x xmlns:o='urn:a'/><o:interfaces xmlns:o='urn:ontap:libvirt'>"
            "<o:interface dev='web0'/></o:interfaces><o:y xmlns:o='urn:b'><o:interface/></o:y>"
            "</metadata>",
            WEB0),
     "web0 - 1;"},
    {"ours/interfaces-first", "<domain><devices>" WEB0 "</devices>" OURS(ENTRY("web0")) "</domain>",
     "web0 lan 1;"},
    {"ours/target-of-something-else",
     DOMAIN(OURS(ENTRY("web0")),
            WEB0 "<disk><target dev='web0'/></disk>" ETHERNET("<x>" TARGET("web0") "</x>")),
     "web0 lan 1;"},

    {"wrong/no-interface", DOMAIN(OURS(ENTRY("web0")), ""), IS_MISSING},
    {"wrong/managed", DOMAIN(OURS(ENTRY("web0")), ETHERNET("<target dev='web0'/>")), IS_MISSING},
    {"wrong/bridge",
     DOMAIN(OURS(ENTRY("web0")), "<interface type='bridge'>" TARGET("web0") "</interface>"),
     IS_MISSING},
    {"wrong/two-interfaces", DOMAIN(OURS(ENTRY("web0")), WEB0 WEB0),
     "two interfaces have <target dev='web0'/>"},
    {"wrong/twice", DOMAIN(OURS(ENTRY("web0") ENTRY("web0")), WEB0), "dev='web0' is twice"},
    {"wrong/no-dev", DOMAIN(OURS("<ontap:interface network='lan'/>"), WEB0), "needs dev='NAME'"},
    {"wrong/long-dev", DOMAIN(OURS(ENTRY("abcdefghijklmnop")), WEB0), "at most 14 letters"},
    {"wrong/odd-dev", DOMAIN(OURS(ENTRY("a/b")), WEB0), "needs dev='NAME'"},
    {"wrong/odd-network", DOMAIN(OURS("<ontap:interface dev='web0' network='a b'/>"), WEB0),
     "\"a b\" is not the name of a network"},
    {"wrong/attribute", DOMAIN(OURS("<ontap:interface dev='web0' netwrok='lan'/>"), WEB0),
     "attribute \"netwrok\" that is not known"},
    {"wrong/list-attribute",
     DOMAIN("<metadata><o:interfaces xmlns:o='urn:ontap:libvirt' network='lan'/></metadata>", WEB0),
     "attribute \"network\" that is not known"},
    {"wrong/element", DOMAIN(OURS("<ontap:device dev='web0'/>"), WEB0),
     "element <ontap:device> that is not known there"},
    {"wrong/element-without-namespace", DOMAIN(OURS("<interface dev='web0'/>"), WEB0),
     "element <interface> that is not known there"},
    {"wrong/nested", DOMAIN(OURS("<ontap:interface dev='web0'><a/></ontap:interface>"), WEB0),
     "element <a> that is not known there"},
    {"wrong/list", DOMAIN("<metadata><ontap:devices " NS "/></metadata>", WEB0),
     "element <ontap:devices> that is not known there"},
    {"wrong/no-queues",
     DOMAIN(OURS(ENTRY("web0")), ETHERNET(TARGET("web0") "<driver queues='0'/>")),
     "'web0' has queues='0', and a device has 1 to 64"},
    {"wrong/many-queues",
     DOMAIN(OURS(ENTRY("web0")), ETHERNET(TARGET("web0") "<driver queues='65'/>")), "queues='65'"},
    {"wrong/cut", "<domain>" OURS(ENTRY("web0")), "ended"},
};

static char *describe(GArray *devices)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < devices->len; i++) {
        const DomainDevice *device = &g_array_index(devices, DomainDevice, i);

        g_string_append_printf(text, "%s %s %u;", device->dev,
                               *device->network ? device->network : "-", device->queues);
    }
    return g_string_free(text, FALSE);
}

static void test_domain(gconstpointer data)
{
    const Case *test = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) devices = domain_devices(test->xml, strlen(test->xml), &error);

    if (g_str_has_prefix(test->name, "wrong/")) {
        g_assert_null(devices);
        g_assert_nonnull(error);
        if (!strstr(error->message, test->result))
            g_test_fail_printf("the error is: %s", error->message);
        g_assert_null(strchr(error->message, '\n'));
    } else {
        g_autofree char *text = NULL;

        g_assert_no_error(error);
        text = describe(devices);
        g_assert_cmpstr(text, ==, test->result);
    }
}

static void test_holder(void)
{
    g_autofree char *parent = g_dir_make_tmp("ontap-XXXXXX", NULL);
    g_autofree char *folder = g_build_filename(parent, "holders", NULL);
    g_autofree char *path = g_build_filename(folder, "web0", NULL);
    g_autoptr(GError) error = NULL;
    struct utimbuf long_ago = {.modtime = 1000};
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;
    gboolean fresh = FALSE;

    g_assert_true(holder_lock(folder, &error));
    g_assert_no_error(error);
    g_assert_null(holder_find(folder, "web0", &fresh));
    g_assert_true(holder_note(folder, "web0", "a guest/of any name", &error));
    g_assert_no_error(error);
    first = holder_find(folder, "web0", &fresh);
    g_assert_cmpstr(first, ==, "a guest/of any name");
    g_assert_true(fresh);
    g_assert_cmpint(utime(path, &long_ago), ==, 0);
    second = holder_find(folder, "web0", &fresh);
    g_assert_cmpstr(second, ==, "a guest/of any name");
    g_assert_false(fresh);
    holder_forget(folder, "web0");
    g_assert_null(holder_find(folder, "web0", &fresh));
    g_assert_false(holder_lock("/nonexistent/folder", &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);

    g_assert_cmpint(g_rmdir(folder), ==, 0);
    g_assert_cmpint(g_rmdir(parent), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/libvirt-domain/%s", cases[i].name);

        g_test_add_data_func(path, &cases[i], test_domain);
    }
    g_test_add_func("/libvirt-domain/holder", test_holder);
    return g_test_run();
}
