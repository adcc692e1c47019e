/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * For a build without eBPF (-Dtranslate=disabled): there never is a Translator.
 */
#include "daemon/translator.h"

Translator *translator_open(int netns, GError **error)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSYS, "ontapd was built without eBPF");
    return NULL;
}

void translator_free(Translator *translator)
{
}

int translator_claims_fd(const Translator *translator)
{
    return -1;
}

gboolean translator_add(Translator *translator, Rtnl *room, const Device *device, GError **error)
{
    return TRUE;
}

void translator_remove(Translator *translator, guint32 ifindex)
{
}

void translator_follow(Translator *translator, const Device *device)
{
}

gboolean translator_set(Translator *translator, guint32 ifindex, const IpAddress *ip,
                        guint32 valid_s, GError **error)
{
    return TRUE;
}

void translator_unset(Translator *translator, guint32 ifindex, const IpAddress *ip)
{
}

void translator_sweep(Translator *translator, TranslatorAlive alive, gpointer data)
{
}

gboolean translator_watch(Translator *translator, TranslatorLearned learned, gpointer data,
                          GError **error)
{
    return TRUE;
}

gboolean translator_guest_mac(Translator *translator, guint32 ifindex,
                              guint8 mac[static HWADDR_SIZE])
{
    return FALSE;
}

gboolean translator_note_filter(Translator *translator, guint32 ifindex, guint32 parent,
                                const guint8 *mac)
{
    return TRUE;
}

void translator_notes(Translator *translator, TranslatorNote note, gpointer data)
{
}

gboolean translator_describe(Translator *translator, guint32 ifindex, LineWriter *writer)
{
    return FALSE;
}
