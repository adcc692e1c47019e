/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The daemon does not trust the learner, which reads what strangers send: so every number is
 * bounded here, and a word that is unknown is no message.
 */
#include "learner/message.h"

#include "wire/line.h"

#include <string.h>

static const struct {
    const char *word;
    MessageKind kind;
    ProposalKind proposal;
} words[] = {
    {"reset", MESSAGE_RESET, 0},
    {"parent", MESSAGE_PARENT, 0},
    {"orphan", MESSAGE_ORPHAN, 0},
    {"port", MESSAGE_PORT, 0},
    {"unport", MESSAGE_UNPORT, 0},
    {"verdict", MESSAGE_VERDICT, 0},
    {"hello", MESSAGE_HELLO, 0},
    {"counters", MESSAGE_COUNTERS, 0},
    {"bind", MESSAGE_PROPOSAL, PROPOSAL_BIND},
    {"extend", MESSAGE_PROPOSAL, PROPOSAL_EXTEND},
    {"unbind", MESSAGE_PROPOSAL, PROPOSAL_UNBIND},
    {"replay", MESSAGE_PROPOSAL, PROPOSAL_REPLAY},
    {"probe", MESSAGE_PROPOSAL, PROPOSAL_PROBE},
};

static const char *word_of(const Message *message)
{
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (words[i].kind == message->kind &&
            (message->kind != MESSAGE_PROPOSAL || words[i].proposal == message->proposal.kind))
            return words[i].word;
    return "unknown";
}

static gboolean carries_frame(const Message *message)
{
    return message->kind == MESSAGE_PROPOSAL &&
           (message->proposal.kind == PROPOSAL_REPLAY || message->proposal.kind == PROPOSAL_PROBE);
}

static gboolean carries_lifetime(const Message *message)
{
    return message->kind == MESSAGE_PROPOSAL &&
           (message->proposal.kind == PROPOSAL_BIND || message->proposal.kind == PROPOSAL_EXTEND);
}

static void write_address(LineWriter *writer, const IpAddress *address)
{
    char text[IP_TEXT_SIZE];

    ip_format(address, text);
    line_write(writer, "address", text);
}

static void write_proposal(LineWriter *writer, const Message *message)
{
    const Proposal *proposal = &message->proposal;

    line_write_u64(writer, "port", proposal->port);
    write_address(writer, &proposal->address);
    if (carries_lifetime(message)) {
        line_write(writer, "source", binding_source_text(proposal->source));
        line_write_u64(writer, "lifetime", proposal->lifetime);
    } else if (proposal->kind == PROPOSAL_UNBIND) {
        line_write(writer, "reason", unbind_reason_text(proposal->reason));
    }
}

static void write_fields(LineWriter *writer, const Message *message)
{
    char hwaddr[HWADDR_TEXT_SIZE];

    switch (message->kind) {
    case MESSAGE_PARENT:
        hwaddr_format(message->parent.hwaddr, hwaddr);
        line_write_u64(writer, "ifindex", message->parent.ifindex);
        line_write(writer, "hwaddr", hwaddr);
        break;
    case MESSAGE_ORPHAN:
    case MESSAGE_UNPORT:
        line_write_u64(writer, "ifindex", message->ifindex);
        break;
    case MESSAGE_PORT:
        line_write_u64(writer, "ifindex", message->port.ifindex);
        line_write_u64(writer, "parent", message->port.parent);
        line_write_u64(writer, "addresses", message->port.addresses);
        line_write_u64(writer, "arp", message->port.arp);
        break;
    case MESSAGE_VERDICT:
        line_write_u64(writer, "port", message->verdict.port);
        write_address(writer, &message->verdict.address);
        line_write(writer, "verdict", verdict_text(message->verdict.verdict));
        line_write(writer, "source", binding_source_text(message->verdict.source));
        line_write_u64(writer, "lifetime", message->verdict.lifetime);
        break;
    case MESSAGE_PROPOSAL:
        write_proposal(writer, message);
        break;
    case MESSAGE_COUNTERS:
        line_write_u64(writer, "port", message->counters.port);
        for (guint i = 0; i < COUNTER_N; i++)
            line_write_u64(writer, counter_text(i), message->counters.counters.n[i]);
        break;
    case MESSAGE_RESET:
    case MESSAGE_HELLO:
        break;
    }
}

gsize message_format(const Message *message, char buffer[static MESSAGE_SIZE_MAX])
{
    LineWriter writer;
    gsize size;

    line_writer_init(&writer, buffer, MESSAGE_LINE_MAX);
    line_write_word(&writer, word_of(message));
    write_fields(&writer, message);
    if (!line_writer_end(&writer))
        return 0;
    size = writer.used;
    if (!carries_frame(message))
        return size;
    if (message->proposal.frame_size > PROPOSAL_FRAME_MAX)
        return 0;
    memcpy(buffer + size, message->proposal.frame, message->proposal.frame_size);
    return size + message->proposal.frame_size;
}

static gboolean read_u64(const Line *line, const char *key, guint64 max, guint64 *valuep)
{
    const char *text = line_get(line, key);

    return text != NULL && line_parse_u64(text, valuep) && *valuep <= max;
}

static gboolean read_u32(const Line *line, const char *key, guint32 *valuep)
{
    guint64 value;

    if (!read_u64(line, key, G_MAXUINT32, &value))
        return FALSE;
    *valuep = (guint32)value;
    return TRUE;
}

static gboolean read_ifindex(const Line *line, const char *key, guint32 *ifindexp)
{
    return read_u32(line, key, ifindexp) && *ifindexp > 0 && *ifindexp <= G_MAXINT32;
}

static gboolean read_address(const Line *line, IpAddress *addressp)
{
    const char *text = line_get(line, "address");

    return text != NULL && ip_parse(text, addressp);
}

static gboolean read_source(const Line *line, BindingSource *sourcep)
{
    const char *text = line_get(line, "source");

    return text != NULL && binding_source_parse(text, sourcep);
}

static gboolean read_parent(const Line *line, MessageParent *parent)
{
    const char *hwaddr = line_get(line, "hwaddr");

    return read_ifindex(line, "ifindex", &parent->ifindex) && hwaddr != NULL &&
           hwaddr_parse(hwaddr, parent->hwaddr);
}

static gboolean read_port(const Line *line, MessagePort *port)
{
    guint64 arp;

    if (!read_ifindex(line, "ifindex", &port->ifindex) ||
        !read_ifindex(line, "parent", &port->parent) ||
        !read_u32(line, "addresses", &port->addresses) || !read_u64(line, "arp", 1, &arp))
        return FALSE;
    port->arp = arp != 0;
    return TRUE;
}

static gboolean read_verdict(const Line *line, MessageVerdict *verdict)
{
    const char *text = line_get(line, "verdict");

    return read_ifindex(line, "port", &verdict->port) && read_address(line, &verdict->address) &&
           text != NULL && verdict_parse(text, &verdict->verdict) &&
           read_source(line, &verdict->source) && read_u32(line, "lifetime", &verdict->lifetime);
}

static gboolean read_proposal(const Line *line, Message *message)
{
    Proposal *proposal = &message->proposal;
    const char *reason = line_get(line, "reason");

    if (!read_ifindex(line, "port", &proposal->port) || !read_address(line, &proposal->address))
        return FALSE;
    if (carries_lifetime(message))
        return read_source(line, &proposal->source) &&
               read_u32(line, "lifetime", &proposal->lifetime);
    return proposal->kind != PROPOSAL_UNBIND ||
           (reason != NULL && unbind_reason_parse(reason, &proposal->reason));
}

static gboolean read_counters(const Line *line, MessageCounters *counters)
{
    if (!read_ifindex(line, "port", &counters->port))
        return FALSE;
    for (guint i = 0; i < COUNTER_N; i++)
        if (!read_u64(line, counter_text(i), G_MAXUINT64, &counters->counters.n[i]))
            return FALSE;
    return TRUE;
}

static gboolean read_fields(const Line *line, Message *message)
{
    switch (message->kind) {
    case MESSAGE_PARENT:
        return read_parent(line, &message->parent);
    case MESSAGE_ORPHAN:
    case MESSAGE_UNPORT:
        return read_ifindex(line, "ifindex", &message->ifindex);
    case MESSAGE_PORT:
        return read_port(line, &message->port);
    case MESSAGE_VERDICT:
        return read_verdict(line, &message->verdict);
    case MESSAGE_PROPOSAL:
        return read_proposal(line, message);
    case MESSAGE_COUNTERS:
        return read_counters(line, &message->counters);
    case MESSAGE_RESET:
    case MESSAGE_HELLO:
        return TRUE;
    }
    return FALSE;
}

static gboolean read_word(const Line *line, Message *message)
{
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        if (g_strcmp0(line->word, words[i].word) != 0)
            continue;
        message->kind = words[i].kind;
        if (message->kind == MESSAGE_PROPOSAL)
            message->proposal.kind = words[i].proposal;
        return TRUE;
    }
    return FALSE;
}

gboolean message_parse(Message *message, const char *data, gsize size)
{
    const char *newline = memchr(data, '\n', MIN(size, MESSAGE_LINE_MAX));
    Line line;

    *message = (Message){0};
    if (newline == NULL || line_parse(&line, data, (gsize)(newline - data)) != LINE_OK ||
        !read_word(&line, message) || !read_fields(&line, message))
        return FALSE;

    gsize rest = size - (gsize)(newline + 1 - data);
    if (!carries_frame(message))
        return rest == 0;
    message->proposal.frame = (const guint8 *)newline + 1;
    message->proposal.frame_size = rest;
    return rest <= PROPOSAL_FRAME_MAX;
}
