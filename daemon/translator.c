/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "daemon/translator.h"

#include "daemon/log.h"
#include "netlink/address.h"
#include "netlink/qdisc.h"
#include "translate/translate.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define BPF_FOLDER "/sys/fs/bpf"
#define PRIORITY 1
#define HANDLE 1

struct Translator {
    Translate *translate;
    TranslateLearned *learned;
    guint learned_source;
};

static gboolean mount_bpffs(GError **error)
{
    struct statfs fs;

    if (statfs(BPF_FOLDER, &fs) == 0 && (guint32)fs.f_type == (guint32)BPF_FS_MAGIC)
        return TRUE;
    if (mount("bpf", BPF_FOLDER, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") == 0)
        return TRUE;
    g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_UNSUPPORTED,
                "cannot mount the bpf file system at " BPF_FOLDER ": %s", g_strerror(errno));
    return FALSE;
}

Translator *translator_open(int netns, GError **error)
{
    g_autoptr(Translate) translate = NULL;
    struct stat room;

    if (fstat(netns, &room) < 0) {
        g_set_error(error, TRANSLATE_ERROR, TRANSLATE_ERROR_FAILED,
                    "cannot examine the tap room: %s", g_strerror(errno));
        return NULL;
    }
    g_autofree char *root = g_strdup_printf(TRANSLATE_ROOT "-%lu", (gulong)room.st_ino);
    if (!mount_bpffs(error) || (translate = translate_open(root, error)) == NULL)
        return NULL;
    Translator *translator = g_new0(Translator, 1);
    translator->translate = g_steal_pointer(&translate);
    return translator;
}

void translator_free(Translator *translator)
{
    if (translator->learned_source != 0)
        g_source_remove(translator->learned_source);
    g_clear_pointer(&translator->learned, translate_learned_free);
    translate_free(translator->translate);
    g_free(translator);
}

int translator_claims_fd(const Translator *translator)
{
    return translator == NULL ? -1 : translate_claims_fd(translator->translate);
}

static gboolean attach(Rtnl *room, guint32 ifindex, gboolean egress, int program, GError **error)
{
    const Classifier classifier = {
        .ifindex = ifindex,
        .egress = egress,
        .priority = PRIORITY,
        .handle = HANDLE,
        .name = "ontap",
    };

    return classifier_attach(room, &classifier, program, true, error);
}

gboolean translator_add(Translator *translator, Rtnl *room, const Device *device, GError **error)
{
    const TranslateLimits limits = TRANSLATE_LIMITS_DEFAULT;
    guint32 flags = (device->alias.translate ? MACS_TRANSLATE : 0) |
                    (device->alias.guard ? MACS_GUARD : 0) |
                    (device->alias.place == PLACE_HOST ? MACS_HOST : 0);

    if (translator == NULL || flags == 0)
        return TRUE;
    return translate_tap_add(translator->translate, device->ifindex, device->hwaddr, flags, &limits,
                             error) &&
           qdisc_add_clsact(room, device->ifindex, error) &&
           attach(room, device->ifindex, TRUE, translate_egress_fd(translator->translate), error) &&
           attach(room, device->ifindex, FALSE, translate_ingress_fd(translator->translate), error);
}

void translator_remove(Translator *translator, guint32 ifindex)
{
    g_autoptr(GError) error = NULL;

    if (translator != NULL && !translate_tap_remove(translator->translate, ifindex, &error))
        log_warning("%s", error->message);
}

void translator_follow(Translator *translator, const Device *device)
{
    g_autoptr(GError) error = NULL;

    if (translator != NULL && device->alias.translate &&
        !translate_tap_set_parent_mac(translator->translate, device->ifindex, device->hwaddr,
                                      &error))
        log_warning("%s", error->message);
}

gboolean translator_set(Translator *translator, guint32 ifindex, const IpAddress *ip,
                        guint32 valid_s, GError **error)
{
    guint64 expiry = valid_s == ADDRESS_FOREVER ? 0 : translate_expiry_in(valid_s);

    return translator == NULL || translate_binding_set(translator->translate, ifindex, ip->family,
                                                       ip->bytes, expiry, error);
}

void translator_unset(Translator *translator, guint32 ifindex, const IpAddress *ip)
{
    g_autoptr(GError) error = NULL;

    if (translator != NULL &&
        !translate_binding_remove(translator->translate, ifindex, ip->family, ip->bytes, &error))
        log_warning("%s", error->message);
}

void translator_sweep(Translator *translator, TranslatorAlive alive, gpointer data)
{
    g_autoptr(GError) error = NULL;

    if (translator != NULL && !translate_sweep(translator->translate, alive, data, &error))
        log_warning("%s", error->message);
}

static gboolean on_learned(gint fd, GIOCondition condition, gpointer data)
{
    const Translator *translator = data;

    translate_learned_read(translator->learned);
    return G_SOURCE_CONTINUE;
}

gboolean translator_watch(Translator *translator, TranslatorLearned learned, gpointer data,
                          GError **error)
{
    if (translator == NULL)
        return TRUE;
    translator->learned = translate_learned_new(translator->translate, learned, data, error);
    if (translator->learned == NULL)
        return FALSE;
    translator->learned_source =
        g_unix_fd_add(translate_learned_fd(translator->learned), G_IO_IN, on_learned, translator);
    return TRUE;
}

static gboolean is_mac(const guint8 mac[static HWADDR_SIZE])
{
    static const guint8 none[HWADDR_SIZE];

    return memcmp(mac, none, sizeof(none)) != 0;
}

gboolean translator_guest_mac(Translator *translator, guint32 ifindex,
                              guint8 mac[static HWADDR_SIZE])
{
    TranslateTap tap;

    if (translator == NULL || !translate_tap_read(translator->translate, ifindex, &tap, NULL))
        return FALSE;
    memcpy(mac, tap.guest_mac, HWADDR_SIZE);
    return is_mac(mac);
}

gboolean translator_note_filter(Translator *translator, guint32 ifindex, guint32 parent,
                                const guint8 *mac)
{
    g_autoptr(GError) error = NULL;

    if (translator == NULL ||
        translate_tap_note_filter(translator->translate, ifindex, parent, mac, &error))
        return TRUE;
    log_debug("%s", error->message);
    return FALSE;
}

typedef struct {
    TranslatorNote note;
    gpointer data;
} Notes;

static void on_tap(uint32_t ifindex, const TranslateTap *tap, void *data)
{
    const Notes *notes = data;

    if (is_mac(tap->filter_mac))
        notes->note(ifindex, tap->filter_parent, tap->filter_mac, notes->data);
}

void translator_notes(Translator *translator, TranslatorNote note, gpointer data)
{
    Notes notes = {note, data};
    g_autoptr(GError) error = NULL;

    if (translator != NULL && !translate_tap_foreach(translator->translate, on_tap, &notes, &error))
        log_warning("%s", error->message);
}

gboolean translator_describe(Translator *translator, guint32 ifindex, LineWriter *writer)
{
    TranslateTap tap;
    char mac[HWADDR_TEXT_SIZE], key[64];

    if (translator == NULL || !translate_tap_read(translator->translate, ifindex, &tap, NULL))
        return FALSE;
    hwaddr_format(tap.guest_mac, mac);
    line_write(writer, "mac", mac);
    line_write_u64(writer, "frames-out", tap.state.frames_out);
    line_write_u64(writer, "frames-in", tap.state.frames_in);
    line_write_u64(writer, "claims", tap.state.claims);
    for (guint drop = 0; drop < MACS_DROPS; drop++) {
        if (tap.state.drops[drop] == 0)
            continue;
        g_snprintf(key, sizeof(key), "drop-%s", translate_drop_name(drop));
        line_write_u64(writer, key, tap.state.drops[drop]);
    }
    return TRUE;
}
