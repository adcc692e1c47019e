/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
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
    {"parent-gone", MESSAGE_PARENT_GONE, 0},
    {"port", MESSAGE_PORT, 0},
    {"port-gone", MESSAGE_PORT_GONE, 0},
    {"binding", MESSAGE_BINDING, 0},
    {"hello", MESSAGE_HELLO, 0},
    {"bind", MESSAGE_PROPOSAL, PROPOSAL_BIND},
    {"extend", MESSAGE_PROPOSAL, PROPOSAL_EXTEND},
    {"unbind", MESSAGE_PROPOSAL, PROPOSAL_UNBIND},
    {"replay", MESSAGE_PROPOSAL, PROPOSAL_REPLAY},
    {"probe", MESSAGE_PROPOSAL, PROPOSAL_PROBE},
    {"counters", MESSAGE_COUNTERS, 0},
};

/* Each key that is read is one less to be accounted for at the end. */
typedef struct {
    const Line *line;
    size_t n_read;
} Reader;

static const char *take(Reader *reader, const char *key)
{
    const char *value = line_get(reader->line, key);

    if (value)
        reader->n_read++;
    return value;
}

static bool take_u32(Reader *reader, const char *key, guint32 min, guint32 max, guint32 *valuep)
{
    const char *text = take(reader, key);
    uint64_t value;

    if (!text || !line_parse_u64(text, &value) || value < min || value > max)
        return false;
    *valuep = (guint32)value;
    return true;
}

static bool take_ifindex(Reader *reader, const char *key, guint32 *valuep)
{
    return take_u32(reader, key, 1, G_MAXINT32, valuep);
}

static bool take_address(Reader *reader, IpAddress *addressp)
{
    const char *text = take(reader, "address");

    return text && ip_parse(text, addressp);
}

static bool take_source(Reader *reader, BindingSource *sourcep)
{
    const char *text = take(reader, "source");

    return text && binding_source_parse(text, sourcep);
}

static bool take_lifetime(Reader *reader, guint32 *lifetimep)
{
    const char *text = line_get(reader->line, "lifetime");

    if (text && g_str_equal(text, "forever")) {
        reader->n_read++;
        *lifetimep = LIFETIME_FOREVER;
        return true;
    }
    return take_u32(reader, "lifetime", 1, LIFETIME_FOREVER - 1, lifetimep);
}

static bool take_port(Reader *reader, CorePort *port)
{
    const char *arp = take(reader, "arp");

    if (!arp || (!g_str_equal(arp, "on") && !g_str_equal(arp, "off")))
        return false;
    port->arp = g_str_equal(arp, "on");
    return take_ifindex(reader, "ifindex", &port->ifindex) &&
           take_ifindex(reader, "parent", &port->parent) &&
           take_u32(reader, "addresses", 1, CORE_ADDRESSES_MAX, &port->addresses);
}

static bool take_binding(Reader *reader, Message *message)
{
    const char *state = take(reader, "state");

    if (!state || !verdict_parse(state, &message->binding.verdict) ||
        !take_ifindex(reader, "port", &message->binding.port) ||
        !take_address(reader, &message->binding.address))
        return false;
    return message->binding.verdict != VERDICT_ACCEPTED ||
           (take_source(reader, &message->binding.source) &&
            take_lifetime(reader, &message->binding.lifetime));
}

static bool take_proposal(Reader *reader, Proposal *proposal)
{
    const char *reason;

    if (!take_ifindex(reader, "port", &proposal->port) || !take_address(reader, &proposal->address))
        return false;
    switch (proposal->kind) {
    case PROPOSAL_BIND:
    case PROPOSAL_EXTEND:
        return take_source(reader, &proposal->source) && take_lifetime(reader, &proposal->lifetime);
    case PROPOSAL_UNBIND:
        reason = take(reader, "reason");
        return reason && unbind_reason_parse(reason, &proposal->reason);
    case PROPOSAL_REPLAY:
    case PROPOSAL_PROBE:
        return true;
    }
    return false;
}

static bool take_counters(Reader *reader, Counters *counters)
{
    for (unsigned i = 0; i < COUNTER_N; i++) {
        const char *text = take(reader, counter_text((Counter)i));
        uint64_t value;

        if (!text || !line_parse_u64(text, &value))
            return false;
        counters->n[i] = value;
    }
    return true;
}

static bool take_all(Reader *reader, Message *message)
{
    const char *hwaddr;

    switch (message->kind) {
    case MESSAGE_PORT:
        return take_port(reader, &message->port);
    case MESSAGE_BINDING:
        return take_binding(reader, message);
    case MESSAGE_PROPOSAL:
        return take_proposal(reader, &message->proposal);
    case MESSAGE_RESET:
    case MESSAGE_HELLO:
        return true;
    default:
        break;
    }
    if (!take_ifindex(reader, "ifindex", &message->ifindex))
        return false;
    if (message->kind == MESSAGE_COUNTERS)
        return take_counters(reader, &message->counters);
    if (message->kind == MESSAGE_PARENT) {
        hwaddr = take(reader, "hwaddr");
        return hwaddr && hwaddr_parse(hwaddr, message->hwaddr);
    }
    return true;
}

static bool has_frame(const Message *message)
{
    return message->kind == MESSAGE_PROPOSAL &&
           (message->proposal.kind == PROPOSAL_REPLAY || message->proposal.kind == PROPOSAL_PROBE);
}

bool message_parse(Message *message, const guint8 *packet, size_t size)
{
    const guint8 *end = size > 0 ? memchr(packet, '\n', MIN(size, MESSAGE_LINE_MAX)) : NULL;
    size_t frame_size;
    Line line;
    Reader reader = {.line = &line};
    size_t i;

    if (!end || line_parse(&line, (const char *)packet, (size_t)(end - packet)) != LINE_OK ||
        !line.word)
        return false;
    for (i = 0; i < G_N_ELEMENTS(words) && !g_str_equal(words[i].word, line.word); i++)
        ;
    if (i == G_N_ELEMENTS(words))
        return false;

    *message = (Message){.kind = words[i].kind};
    if (message->kind == MESSAGE_PROPOSAL)
        message->proposal.kind = words[i].proposal;
    if (!take_all(&reader, message) || reader.n_read != line.n_fields)
        return false;

    frame_size = size - (size_t)(end + 1 - packet);
    if (!has_frame(message))
        return frame_size == 0;
    message->proposal.frame = end + 1;
    message->proposal.frame_size = frame_size;
    return frame_size > 0 && frame_size <= PROPOSAL_FRAME_MAX;
}

static void put_address(LineWriter *writer, guint32 port, const IpAddress *address)
{
    char text[IP_TEXT_SIZE];

    ip_format(address, text);
    line_write_u64(writer, "port", port);
    line_write(writer, "address", text);
}

static void put_lease(LineWriter *writer, BindingSource source, guint32 lifetime)
{
    line_write(writer, "source", binding_source_text(source));
    if (lifetime == LIFETIME_FOREVER)
        line_write(writer, "lifetime", "forever");
    else
        line_write_u64(writer, "lifetime", lifetime);
}

static void put_proposal(LineWriter *writer, const Proposal *proposal)
{
    line_write_word(writer, proposal_kind_text(proposal->kind));
    put_address(writer, proposal->port, &proposal->address);
    if (proposal->kind == PROPOSAL_BIND || proposal->kind == PROPOSAL_EXTEND)
        put_lease(writer, proposal->source, proposal->lifetime);
    if (proposal->kind == PROPOSAL_UNBIND)
        line_write(writer, "reason", unbind_reason_text(proposal->reason));
}

static void put_rest(LineWriter *writer, const Message *message)
{
    char hwaddr[HWADDR_TEXT_SIZE];

    line_write_u64(writer, "ifindex", message->ifindex);
    if (message->kind == MESSAGE_PARENT) {
        hwaddr_format(message->hwaddr, hwaddr);
        line_write(writer, "hwaddr", hwaddr);
    }
    if (message->kind == MESSAGE_COUNTERS) {
        for (unsigned i = 0; i < COUNTER_N; i++)
            line_write_u64(writer, counter_text((Counter)i), message->counters.n[i]);
    }
}

static const char *word_of(MessageKind kind)
{
    size_t i = 0;

    while (words[i].kind != kind)
        i++;
    return words[i].word;
}

size_t message_format(const Message *message, guint8 packet[static MESSAGE_SIZE_MAX])
{
    LineWriter writer;

    line_writer_init(&writer, (char *)packet, MESSAGE_LINE_MAX + 1);
    if (message->kind != MESSAGE_PROPOSAL)
        line_write_word(&writer, word_of(message->kind));
    switch (message->kind) {
    case MESSAGE_PORT:
        line_write_u64(&writer, "ifindex", message->port.ifindex);
        line_write_u64(&writer, "parent", message->port.parent);
        line_write_u64(&writer, "addresses", message->port.addresses);
        line_write(&writer, "arp", message->port.arp ? "on" : "off");
        break;
    case MESSAGE_BINDING:
        put_address(&writer, message->binding.port, &message->binding.address);
        line_write(&writer, "state", verdict_text(message->binding.verdict));
        if (message->binding.verdict == VERDICT_ACCEPTED)
            put_lease(&writer, message->binding.source, message->binding.lifetime);
        break;
    case MESSAGE_PROPOSAL:
        put_proposal(&writer, &message->proposal);
        break;
    case MESSAGE_RESET:
    case MESSAGE_HELLO:
        break;
    default:
        put_rest(&writer, message);
        break;
    }
    /* Every field has a bound, and the sum of these is below the line's: a test proves it. */
    if (!line_writer_end(&writer))
        g_assert_not_reached();
    if (!has_frame(message))
        return writer.used;
    g_assert(message->proposal.frame_size <= PROPOSAL_FRAME_MAX);
    memcpy(packet + writer.used, message->proposal.frame, message->proposal.frame_size);
    return writer.used + message->proposal.frame_size;
}
