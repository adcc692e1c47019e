/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * A domain's XML is read with GLib's parser in one pass. That knows nothing of XML's namespaces, so
 * the prefixes in force are kept here: a prefix is the choice of whoever wrote the XML, and only
 * what it stands for says whose an element is. libvirt's own elements have no namespace, and are
 * known by where they stand: a domain may be called or described as anything.
 *
 * What is ours is read strictly, since a misspelled network= must not mean the default network. All
 * else is libvirt's business.
 */
#include "qemu-wrapper/domain.h"

#include "wire/line.h"

#include <string.h>

/* xmlns:PREFIX='…', or xmlns='…', for which the prefix is empty. */
typedef struct {
    guint depth; /* of the element that declares it */
    char *prefix;
    const char *mark; /* what the path says in its place: "+" ours, "?" somebody's, "" none */
} Prefix;

typedef struct {
    gboolean ethernet;
    char *dev; /* or NULL */
    gboolean managed;
    char *queues; /* or NULL */
} Interface;

typedef struct {
    GString
        *path; /* of the open element: /domain/devices/interface, /domain/metadata/+interfaces */
    guint depth;
    GArray *prefixes;   /* of Prefix, those in force */
    GArray *interfaces; /* of Interface */
    GArray *devices;    /* of DomainDevice */
} Reader;

static void prefix_clear(gpointer data)
{
    g_free(((Prefix *)data)->prefix);
}

static void interface_clear(gpointer data)
{
    Interface *interface = data;

    g_free(interface->dev);
    g_free(interface->queues);
}

G_GNUC_PRINTF(2, 3) static void fail(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (error)
        *error =
            g_error_new_valist(G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, format, arguments);
    va_end(arguments);
}

/* ── where we are ───────────────────────────────────────────────────────────────────────────── */

static gboolean declares_prefix(const char *attribute, const char **prefixp)
{
    if (strcmp(attribute, "xmlns") == 0)
        *prefixp = "";
    else if (g_str_has_prefix(attribute, "xmlns:"))
        *prefixp = attribute + strlen("xmlns:");
    else
        return FALSE;
    return TRUE;
}

static void add_prefixes(Reader *reader, const char **names, const char **values)
{
    const char *text;

    for (guint i = 0; names[i]; i++) {
        const char *mark = strcmp(values[i], DOMAIN_NAMESPACE) == 0 ? "+" : *values[i] ? "?" : "";
        Prefix prefix = {.depth = reader->depth, .mark = mark};

        if (!declares_prefix(names[i], &text))
            continue;
        prefix.prefix = g_strdup(text);
        g_array_append_val(reader->prefixes, prefix);
    }
}

/* Appends `/MARKname`. */
static void enter(Reader *reader, const char *element)
{
    const char *colon = strchr(element, ':');
    g_autofree char *prefix = g_strndup(element, colon ? (gsize)(colon - element) : 0);
    const char *mark = colon ? "?" : "";

    for (guint i = reader->prefixes->len; i-- > 0;) {
        const Prefix *candidate = &g_array_index(reader->prefixes, Prefix, i);

        if (strcmp(candidate->prefix, prefix) == 0) {
            mark = candidate->mark;
            break;
        }
    }
    g_string_append_printf(reader->path, "/%s%s", mark, colon ? colon + 1 : element);
}

static void leave(Reader *reader)
{
    while (reader->prefixes->len > 0 &&
           g_array_index(reader->prefixes, Prefix, reader->prefixes->len - 1).depth ==
               reader->depth)
        g_array_remove_index(reader->prefixes, reader->prefixes->len - 1);
    g_string_truncate(reader->path, (gsize)(strrchr(reader->path->str, '/') - reader->path->str));
    reader->depth--;
}

/* ── what is there ──────────────────────────────────────────────────────────────────────────── */

static const char *find_attribute(const char **names, const char **values, const char *name)
{
    for (guint i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return values[i];
    return NULL;
}

/* Ours takes these attributes, and those that declare a prefix. */
static gboolean check_attributes(const char *element, const char **names, const char *const *known,
                                 GError **error)
{
    const char *prefix;

    for (guint i = 0; names[i]; i++) {
        if (declares_prefix(names[i], &prefix) || g_strv_contains(known, names[i]))
            continue;
        fail(error, "<%s> of ontap has an attribute \"%.40s\" that is not known there", element,
             names[i]);
        return FALSE;
    }
    return TRUE;
}

static void take_device(Reader *reader, const char **names, const char **values, GError **error)
{
    static const char *const known[] = {"dev", "network", NULL};
    const char *dev = find_attribute(names, values, "dev");
    const char *network = find_attribute(names, values, "network");
    DomainDevice device = {.queues = 1};

    if (!check_attributes("interface", names, known, error))
        return;
    if (!dev || !device_name_valid(dev) || strlen(dev) >= sizeof(device.dev)) {
        fail(error,
             "<interface> of ontap needs dev='NAME', a letter or digit and then at most %zu "
             "letters, "
             "digits, dots, underscores and hyphens",
             sizeof(device.dev) - 2);
        return;
    }
    if (network && !device_name_valid(network)) {
        fail(error, "\"%.80s\" is not the name of a network", network);
        return;
    }
    for (guint i = 0; i < reader->devices->len; i++) {
        if (strcmp(g_array_index(reader->devices, DomainDevice, i).dev, dev) == 0) {
            fail(error, "dev='%s' is twice in the metadata of ontap", dev);
            return;
        }
    }
    g_strlcpy(device.dev, dev, sizeof(device.dev));
    g_strlcpy(device.network, network ? network : "", sizeof(device.network));
    g_array_append_val(reader->devices, device);
}

static void take_ours(Reader *reader, const char *element, const char *place, const char **names,
                      const char **values, GError **error)
{
    static const char *const known[] = {NULL};

    if (strcmp(place, "interfaces") == 0)
        check_attributes(place, names, known, error);
    else if (strcmp(place, "interfaces/+interface") == 0)
        take_device(reader, names, values, error);
    else
        fail(error,
             "the metadata of ontap has an element <%.40s> that is not known there (it is "
             "<interfaces>, with one <interface> for each device, all in the namespace %s)",
             element, DOMAIN_NAMESPACE);
}

static void take_target(Interface *interface, const char **names, const char **values)
{
    g_free(interface->dev);
    interface->dev = g_strdup(find_attribute(names, values, "dev"));
    interface->managed = g_strcmp0(find_attribute(names, values, "managed"), "no") != 0;
}

static void take_interface(Reader *reader, const char *place, const char **names,
                           const char **values)
{
    GArray *interfaces = reader->interfaces;

    if (*place == '\0') {
        const char *type = find_attribute(names, values, "type");
        Interface interface = {.ethernet = g_strcmp0(type, "ethernet") == 0, .managed = TRUE};

        g_array_append_val(interfaces, interface);
    } else if (strcmp(place, "/target") == 0) {
        take_target(&g_array_index(interfaces, Interface, interfaces->len - 1), names, values);
    } else if (strcmp(place, "/driver") == 0) {
        Interface *interface = &g_array_index(interfaces, Interface, interfaces->len - 1);

        g_free(interface->queues);
        interface->queues = g_strdup(find_attribute(names, values, "queues"));
    }
}

static void start_element(GMarkupParseContext *context, const char *element, const char **names,
                          const char **values, gpointer data, GError **error)
{
    static const char metadata[] = "/domain/metadata/+";
    static const char interface[] = "/domain/devices/interface";
    Reader *reader = data;

    reader->depth++;
    add_prefixes(reader, names, values);
    enter(reader, element);
    if (g_str_has_prefix(reader->path->str, metadata))
        take_ours(reader, element, reader->path->str + strlen(metadata), names, values, error);
    else if (g_str_has_prefix(reader->path->str, interface))
        take_interface(reader, reader->path->str + strlen(interface), names, values);
}

static void end_element(GMarkupParseContext *context, const char *element, gpointer data,
                        GError **error)
{
    leave(data);
}

/* ── what belongs together ──────────────────────────────────────────────────────────────────── */

static gboolean take_queues(DomainDevice *device, const char *text, GError **error)
{
    uint64_t queues;

    if (!text)
        return TRUE;
    if (!line_parse_u64(text, &queues) || queues < 1 || queues > DEVICE_QUEUES_MAX) {
        fail(error, "the interface '%s' has queues='%.20s', and a device has 1 to %d", device->dev,
             text, DEVICE_QUEUES_MAX);
        return FALSE;
    }
    device->queues = (guint)queues;
    return TRUE;
}

static gboolean match(DomainDevice *device, GArray *interfaces, GError **error)
{
    const Interface *found = NULL;

    for (guint i = 0; i < interfaces->len; i++) {
        const Interface *interface = &g_array_index(interfaces, Interface, i);

        if (!interface->ethernet || g_strcmp0(interface->dev, device->dev) != 0)
            continue;
        if (found) {
            fail(error, "two interfaces have <target dev='%s'/>", device->dev);
            return FALSE;
        }
        found = interface;
    }
    /* With managed='yes' libvirt would make a tap device of its own. */
    if (!found || found->managed) {
        fail(error,
             "no <interface type='ethernet'> has <target dev='%s' managed='no'/>, as the metadata "
             "of ontap says",
             device->dev);
        return FALSE;
    }
    return take_queues(device, found->queues, error);
}

static gboolean match_all(Reader *reader, GError **error)
{
    for (guint i = 0; i < reader->devices->len; i++)
        if (!match(&g_array_index(reader->devices, DomainDevice, i), reader->interfaces, error))
            return FALSE;
    return TRUE;
}

GArray *domain_devices(const char *xml, gsize size, GError **error)
{
    static const GMarkupParser parser = {.start_element = start_element,
                                         .end_element = end_element};
    g_autoptr(GString) path = g_string_new(NULL);
    g_autoptr(GArray) prefixes = g_array_new(FALSE, FALSE, sizeof(Prefix));
    g_autoptr(GArray) interfaces = g_array_new(FALSE, FALSE, sizeof(Interface));
    g_autoptr(GArray) devices = g_array_new(FALSE, FALSE, sizeof(DomainDevice));
    Reader reader = {
        .path = path, .prefixes = prefixes, .interfaces = interfaces, .devices = devices};
    g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, &reader, NULL);

    if (!g_strstr_len(xml, (gssize)size, DOMAIN_NAMESPACE)) /* nearly all, and at no risk */
        return g_steal_pointer(&devices);
    g_array_set_clear_func(prefixes, prefix_clear);
    g_array_set_clear_func(interfaces, interface_clear);
    if (!g_markup_parse_context_parse(context, xml, (gssize)size, error) ||
        !g_markup_parse_context_end_parse(context, error) || !match_all(&reader, error))
        return NULL;
    return g_steal_pointer(&devices);
}
