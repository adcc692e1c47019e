/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * What libvirt's hook (the script beside this file) runs before a guest starts and after it has
 * ended: has ontapctl(1) make the devices that the domain's metadata names (domain.h), in the
 * host's network namespace, where libvirt then opens them; and release them.
 *
 * When one cannot be made, those before it are released, and the guest does not start; libvirt
 * shows what is on our standard error, which is ontapctl's too. It never calls libvirt, which waits
 * for us with the domain locked.
 */
#include "config.h"
#include "helper/program.h"
#include "qemu-wrapper/domain.h"
#include "qemu-wrapper/holder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "ontap-libvirt-hook"
#define XML_SIZE_MAX (16 << 20) /* bytes; libvirt's own limit for a domain is lower */

static const char usage[] =
    "Usage: ontap-libvirt-hook GUEST prepare|release… <DOMAIN-XML\n"
    "Make the devices that a domain of libvirt's names in its metadata, or release them.\n"
    "/etc/libvirt/hooks/qemu.d/ontap runs it. See ontap-libvirt(7).\n";

/* ── ontapctl ───────────────────────────────────────────────────────────────────────────────── */

/* Its standard output would be taken for a new XML of the domain. */
static gboolean ontapctl(const char *command, const DomainDevice *device, const char *queues,
                         gboolean quiet)
{
    g_autofree char *network = g_strconcat("network=", device->network, NULL);
    const char *arguments[6] = {"ontapctl", command, device->dev};
    GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL;
    g_autoptr(GError) error = NULL;
    guint n = 3;
    int status;

    if (*device->network)
        arguments[n++] = network;
    arguments[n] = queues;
    if (quiet)
        flags |= G_SPAWN_STDERR_TO_DEV_NULL;
    if (!g_spawn_sync(NULL, (char **)arguments, NULL, flags, NULL, NULL, NULL, NULL, &status,
                      &error)) {
        program_error(PROGRAM, "cannot run ontapctl: %s", error->message);
        return FALSE;
    }
    return g_spawn_check_wait_status(status, NULL);
}

/* ── the devices of a guest ─────────────────────────────────────────────────────────────────── */

static gboolean unmake(const char *guest, const DomainDevice *device)
{
    gboolean fresh;
    g_autofree char *holder = holder_find(HOLDER_FOLDER, device->dev, &fresh);

    if (g_strcmp0(holder, guest) != 0)
        return TRUE;
    if (!ontapctl("release", device, NULL, FALSE))
        return FALSE;
    holder_forget(HOLDER_FOLDER, device->dev);
    return TRUE;
}

static gboolean make(const char *guest, const DomainDevice *device)
{
    gboolean fresh = FALSE;
    g_autofree char *holder = holder_find(HOLDER_FOLDER, device->dev, &fresh);
    g_autofree char *queues = g_strdup_printf("queues=%u", device->queues);
    g_autoptr(GError) error = NULL;

    /* What libvirt did not tell us the end of: it may have other addresses, or queues. */
    if (g_strcmp0(holder, guest) == 0) {
        ontapctl("release", device, NULL, TRUE);
    } else if (holder && fresh) {
        program_error(PROGRAM,
                      "the device %s was made for the guest %s just now (each needs its own name)",
                      device->dev, holder);
        return FALSE;
    }
    if (!ontapctl("create", device, queues, FALSE))
        return FALSE;
    if (holder_note(HOLDER_FOLDER, device->dev, guest, &error))
        return TRUE;
    program_error(PROGRAM, "%s", error->message);
    ontapctl("release", device, NULL, FALSE);
    return FALSE;
}

static gboolean prepare(const char *guest, GArray *devices)
{
    for (guint i = 0; i < devices->len; i++) {
        if (make(guest, &g_array_index(devices, DomainDevice, i)))
            continue;
        while (i-- > 0)
            unmake(guest, &g_array_index(devices, DomainDevice, i));
        return FALSE;
    }
    return TRUE;
}

static gboolean release(const char *guest, GArray *devices)
{
    gboolean ok = TRUE;

    for (guint i = 0; i < devices->len; i++)
        ok = unmake(guest, &g_array_index(devices, DomainDevice, i)) && ok;
    return ok;
}

/* ── what libvirt says ──────────────────────────────────────────────────────────────────────── */

static gboolean read_input(GString *text)
{
    char buffer[16384];
    ssize_t size;

    while ((size = read(STDIN_FILENO, buffer, sizeof(buffer))) != 0) {
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 || text->len + (gsize)size > XML_SIZE_MAX) {
            program_error(PROGRAM, "cannot read the domain: %s",
                          size < 0 ? g_strerror(errno) : "it is too large");
            return FALSE;
        }
        g_string_append_len(text, buffer, size);
    }
    return TRUE;
}

static gboolean run(const char *guest, gboolean (*operation)(const char *, GArray *))
{
    g_autoptr(GString) xml = g_string_new(NULL);
    g_autoptr(GArray) devices = NULL;
    g_autoptr(GError) error = NULL;

    if (!read_input(xml))
        return FALSE;
    devices = domain_devices(xml->str, xml->len, &error);
    if (devices && devices->len == 0)
        return TRUE;
    if (!devices || !holder_lock(HOLDER_FOLDER, &error)) {
        program_error(PROGRAM, "%s", error->message);
        return FALSE;
    }
    return operation(guest, devices);
}

int main(int argc, char **argv)
{
    program_hold_stdio();
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return program_print(usage) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return program_print(PROGRAM " " ONTAP_VERSION "\n") ? EXIT_SUCCESS : EXIT_FAILURE;
    if (argc < 3) {
        program_error(PROGRAM, "libvirt runs this program (see ontap-libvirt-hook --help)");
        return EXIT_FAILURE;
    }
    if (strcmp(argv[2], "prepare") == 0)
        return run(argv[1], prepare) ? EXIT_SUCCESS : EXIT_FAILURE;
    if (strcmp(argv[2], "release") == 0)
        return run(argv[1], release) ? EXIT_SUCCESS : EXIT_FAILURE;
    return EXIT_SUCCESS;
}
