/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * create: a device in the host's netns. The daemon cannot know who has such a device open; root
 * can, from /proc. So when the device was there already, who holds it is looked up here: a second
 * guest on it would take the traffic of the first. A process that cannot be looked at (of another
 * AppArmor profile, say) keeps no guest from starting.
 */
#include "ctl/commands.h"

#include "ctl/output.h"
#include "daemon/holder.h"

static char *find_holder(guint32 ifindex)
{
    gboolean complete;
    g_autoptr(GHashTable) holders = holders_read(&complete);

    return g_strdup(g_hash_table_lookup(holders, GUINT_TO_POINTER(ifindex)));
}

int command_create(const Options *options)
{
    g_autoptr(Talk) talk = talk_new();
    g_autoptr(JsonObject) answer = NULL;
    g_autofree char *holder = NULL, *text = NULL;
    Line line;
    gint64 ifindex;
    int status;

    talk_begin(talk, "create");
    talk_add(talk, "ifname", options->values[OPTION_NAME]);
    talk_add(talk, "network", options->values[OPTION_NETWORK]);
    talk_add(talk, "queues", options->values[OPTION_QUEUES]);
    status = talk_start(talk, options->socket, &line);
    if (status != EXIT_YES)
        return output_failure(talk, status);
    answer = record_new(&line, output_reader(options));
    ifindex = record_number(answer, "ifindex", 0);
    if (!record_flag(answer, "new", TRUE) && (holder = find_holder((guint32)ifindex)) != NULL) {
        output_error("%s is there already, and %s has it open", options->values[OPTION_NAME],
                     holder);
        return EXIT_NO;
    }
    if (options->json)
        return output_record(answer, TRUE);
    text =
        g_strdup_printf("%s %" G_GINT64_FORMAT "\n", record_text(answer, "ifname", "?"), ifindex);
    return output_text(text);
}
