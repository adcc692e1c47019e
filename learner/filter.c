/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors */
#include "learner/filter.h"

#include "learner/ethernet.h"
#include "learner/ipv4.h"
#include "learner/nd.h"
#include "learner/udp.h"

#include <linux/if_packet.h>

#define ACCEPT 0xffff /* bytes that are kept: every frame's */
#define DROP 0

#define NEXT 0xff /* as a jump: to the next piece */

/* Scratch memory. */
enum {
    AT_IP,   /* what a tag adds to the offset of the IP header */
    TYPE,    /* the Ethernet type, behind a tag */
    AT_NEXT, /* AT_IP and what a hop-by-hop header adds */
    NEXT_HEADER,
};

/* Offsets in an untagged frame. */
#define IPV4 ETHERNET_HEADER_SIZE
#define IPV6 ETHERNET_HEADER_SIZE
#define IPV6_PAYLOAD (IPV6 + 40)

static void put(Filter *filter, guint code, guint jt, guint jf, guint32 k)
{
    g_assert(filter->n < FILTER_SIZE_MAX);
    filter->code[filter->n++] = (struct sock_filter){(guint16)code, (guint8)jt, (guint8)jf, k};
}

static void begin(Filter *filter, const char *name)
{
    g_assert(filter->n_pieces < FILTER_PIECES_MAX);
    filter->pieces[filter->n_pieces].name = name;
    filter->pieces[filter->n_pieces++].start = filter->n;
}

/* Now it is known where the next piece starts. */
static void end(Filter *filter)
{
    for (guint i = filter->pieces[filter->n_pieces - 1].start; i < filter->n; i++) {
        struct sock_filter *code = &filter->code[i];
        guint8 distance = (guint8)(filter->n - i - 1);

        if (BPF_CLASS(code->code) != BPF_JMP)
            continue;
        if (code->jt == NEXT)
            code->jt = distance;
        if (code->jf == NEXT)
            code->jf = distance;
    }
}

static void load(Filter *filter, guint size, guint32 offset)
{
    put(filter, BPF_LD | BPF_ABS | size, 0, 0, offset);
}

/* At X + offset. */
static void load_x(Filter *filter, guint size, guint32 offset)
{
    put(filter, BPF_LD | BPF_IND | size, 0, 0, offset);
}

static void load_memory(Filter *filter, guint cell)
{
    put(filter, BPF_LD | BPF_MEM, 0, 0, cell);
}

static void load_memory_x(Filter *filter, guint cell)
{
    put(filter, BPF_LDX | BPF_MEM, 0, 0, cell);
}

static void load_constant(Filter *filter, guint32 value)
{
    put(filter, BPF_LD | BPF_IMM, 0, 0, value);
}

static void store(Filter *filter, guint cell)
{
    put(filter, BPF_ST, 0, 0, cell);
}

static void alu(Filter *filter, guint operation, guint32 value)
{
    put(filter, BPF_ALU | operation | BPF_K, 0, 0, value);
}

static void finish(Filter *filter, guint32 verdict)
{
    put(filter, BPF_RET | BPF_K, 0, 0, verdict);
}

static void equal_or_next(Filter *filter, guint32 value)
{
    put(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, NEXT, value);
}

static void unequal_or_next(Filter *filter, guint32 value)
{
    put(filter, BPF_JMP | BPF_JEQ | BPF_K, NEXT, 0, value);
}

static void equal_x_or_next(Filter *filter)
{
    put(filter, BPF_JMP | BPF_JEQ | BPF_X, 0, NEXT, 0);
}

static void equal_or_drop(Filter *filter, guint32 value)
{
    put(filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, value);
    finish(filter, DROP);
}

static void piece_direction(Filter *filter, gboolean outgoing)
{
    begin(filter, "direction");
    load(filter, BPF_B, (guint32)(SKF_AD_OFF + SKF_AD_PKTTYPE));
    if (outgoing)
        unequal_or_next(filter, PACKET_OUTGOING);
    else
        equal_or_next(filter, PACKET_OUTGOING);
    finish(filter, DROP);
    end(filter);
}

/* The kernel takes the tag off what it receives and keeps it beside the frame. */
static void piece_vlan(Filter *filter)
{
    begin(filter, "vlan");
    load(filter, BPF_B, (guint32)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT));
    unequal_or_next(filter, 0);
    load(filter, BPF_H, (guint32)(SKF_AD_OFF + SKF_AD_VLAN_TAG));
    alu(filter, BPF_AND, 0x0fff);
    unequal_or_next(filter, 0);
    finish(filter, DROP);
    end(filter);
}

static void piece_forged(Filter *filter)
{
    begin(filter, "forged");
    load(filter, BPF_W, 0);
    put(filter, BPF_MISC | BPF_TAX, 0, 0, 0);
    load(filter, BPF_W, 6);
    equal_x_or_next(filter);
    load(filter, BPF_H, 4);
    put(filter, BPF_MISC | BPF_TAX, 0, 0, 0);
    load(filter, BPF_H, 10);
    equal_x_or_next(filter);
    finish(filter, DROP);
    end(filter);
}

static void piece_own(Filter *filter, const guint8 hwaddr[static HWADDR_SIZE])
{
    begin(filter, "own");
    load(filter, BPF_W, 6);
    equal_or_next(filter, (guint32)hwaddr[0] << 24 | (guint32)hwaddr[1] << 16 |
                              (guint32)hwaddr[2] << 8 | hwaddr[3]);
    load(filter, BPF_H, 10);
    equal_or_next(filter, (guint32)hwaddr[4] << 8 | hwaddr[5]);
    finish(filter, DROP);
    end(filter);
}

/* A guest's tag is in the frame. */
static void piece_tag(Filter *filter)
{
    begin(filter, "tag");
    load_constant(filter, 0);
    store(filter, AT_IP);
    load(filter, BPF_H, 12);
    store(filter, TYPE);
    equal_or_next(filter, ETHERNET_TYPE_VLAN);
    load(filter, BPF_H, 14);
    alu(filter, BPF_AND, 0x0fff);
    equal_or_drop(filter, 0);
    load_constant(filter, 4);
    store(filter, AT_IP);
    load(filter, BPF_H, 16);
    store(filter, TYPE);
    end(filter);
}

static void piece_arp(Filter *filter)
{
    begin(filter, "arp");
    load_memory(filter, TYPE);
    equal_or_next(filter, ETHERNET_TYPE_ARP);
    finish(filter, ACCEPT);
    end(filter);
}

static void piece_dhcp4(Filter *filter, guint16 port)
{
    begin(filter, "dhcpv4");
    load_memory(filter, TYPE);
    equal_or_next(filter, ETHERNET_TYPE_IPV4);
    load_memory_x(filter, AT_IP);
    load_x(filter, BPF_B, IPV4 + 9);
    equal_or_drop(filter, IPV4_PROTOCOL_UDP);
    load_x(filter, BPF_H, IPV4 + 6);
    alu(filter, BPF_AND, 0x3fff); /* more fragments, or an offset */
    equal_or_drop(filter, 0);
    load_x(filter, BPF_B, IPV4);
    alu(filter, BPF_AND, 0x0f);
    alu(filter, BPF_LSH, 2);
    put(filter, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
    put(filter, BPF_MISC | BPF_TAX, 0, 0, 0);
    load_x(filter, BPF_H, IPV4 + 2);
    equal_or_drop(filter, port);
    finish(filter, ACCEPT);
    end(filter);
}

static void piece_ipv6(Filter *filter)
{
    begin(filter, "ipv6");
    load_memory(filter, TYPE);
    equal_or_drop(filter, ETHERNET_TYPE_IPV6);
    load_memory_x(filter, AT_IP);
    put(filter, BPF_STX, 0, 0, AT_NEXT);
    load_x(filter, BPF_B, IPV6 + 6);
    store(filter, NEXT_HEADER);
    equal_or_next(filter, 0); /* hop-by-hop */
    load_x(filter, BPF_B, IPV6_PAYLOAD);
    store(filter, NEXT_HEADER);
    load_x(filter, BPF_B, IPV6_PAYLOAD + 1);
    alu(filter, BPF_ADD, 1);
    alu(filter, BPF_LSH, 3);
    put(filter, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
    store(filter, AT_NEXT);
    end(filter);
}

/* `other` is the one router message that this side may send. */
static void piece_nd(Filter *filter, NdType other)
{
    begin(filter, "nd");
    load_memory(filter, NEXT_HEADER);
    equal_or_next(filter, IPV6_NEXT_ICMPV6);
    load_memory_x(filter, AT_IP);
    load_x(filter, BPF_B, IPV6 + 7);
    equal_or_drop(filter, 255); /* hop limit */
    load_memory_x(filter, AT_NEXT);
    load_x(filter, BPF_B, IPV6_PAYLOAD);
    put(filter, BPF_JMP | BPF_JEQ | BPF_K, 3, 0, other);
    put(filter, BPF_JMP | BPF_JEQ | BPF_K, 2, 0, ND_NEIGHBOUR_SOLICITATION);
    put(filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ND_NEIGHBOUR_ADVERTISEMENT);
    finish(filter, DROP);
    finish(filter, ACCEPT);
    end(filter);
}

static void piece_dhcp6(Filter *filter, guint16 port)
{
    begin(filter, "dhcpv6");
    load_memory(filter, NEXT_HEADER);
    equal_or_next(filter, IPV6_NEXT_UDP);
    load_memory_x(filter, AT_NEXT);
    load_x(filter, BPF_H, IPV6_PAYLOAD + 2);
    equal_or_next(filter, port);
    finish(filter, ACCEPT);
    end(filter);
}

static void piece_rest(Filter *filter)
{
    begin(filter, "rest");
    finish(filter, DROP);
    end(filter);
}

void filter_tap(Filter *filter)
{
    *filter = (Filter){0};
    piece_direction(filter, TRUE);
    piece_vlan(filter);
    piece_tag(filter);
    piece_arp(filter);
    piece_dhcp4(filter, UDP_PORT_DHCP4_SERVER);
    piece_ipv6(filter);
    piece_nd(filter, ND_ROUTER_SOLICITATION);
    piece_dhcp6(filter, UDP_PORT_DHCP6_SERVER);
    piece_rest(filter);
}

void filter_parent(Filter *filter, const guint8 *hwaddr)
{
    *filter = (Filter){0};
    piece_direction(filter, FALSE);
    piece_vlan(filter);
    piece_forged(filter);
    if (hwaddr != NULL)
        piece_own(filter, hwaddr);
    piece_tag(filter);
    piece_dhcp4(filter, UDP_PORT_DHCP4_CLIENT);
    piece_ipv6(filter);
    piece_nd(filter, ND_ROUTER_ADVERTISEMENT);
    piece_dhcp6(filter, UDP_PORT_DHCP6_CLIENT);
    piece_rest(filter);
}

struct sock_fprog filter_program(Filter *filter)
{
    return (struct sock_fprog){.len = (unsigned short)filter->n, .filter = filter->code};
}

static void text_load(GString *text, const struct sock_filter *code)
{
    const char *size = BPF_SIZE(code->code) == BPF_W   ? "4 bytes"
                       : BPF_SIZE(code->code) == BPF_H ? "2 bytes"
                                                       : "1 byte";

    switch (BPF_MODE(code->code)) {
    case BPF_IMM:
        g_string_append_printf(text, "A = %u", code->k);
        break;
    case BPF_MEM:
        g_string_append_printf(text, "A = M[%u]", code->k);
        break;
    case BPF_IND:
        g_string_append_printf(text, "A = %s at X + %u", size, code->k);
        break;
    default:
        if (code->k == (guint32)(SKF_AD_OFF + SKF_AD_PKTTYPE))
            g_string_append(text, "A = packet type");
        else if (code->k == (guint32)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT))
            g_string_append(text, "A = has a tag");
        else if (code->k == (guint32)(SKF_AD_OFF + SKF_AD_VLAN_TAG))
            g_string_append(text, "A = tag");
        else
            g_string_append_printf(text, "A = %s at %u", size, code->k);
        break;
    }
}

static void text_alu(GString *text, const struct sock_filter *code)
{
    static const char *const signs[] = {"+", "-", "*", "/", "|", "&", "<<", ">>"};

    if (BPF_SRC(code->code) == BPF_X)
        g_string_append_printf(text, "A = A %s X", signs[BPF_OP(code->code) >> 4]);
    else
        g_string_append_printf(text, "A = A %s 0x%x", signs[BPF_OP(code->code) >> 4], code->k);
}

static void text_instruction(GString *text, const struct sock_filter *code, guint i)
{
    switch (BPF_CLASS(code->code)) {
    case BPF_LD:
        text_load(text, code);
        break;
    case BPF_LDX:
        g_string_append_printf(text, "X = M[%u]", code->k);
        break;
    case BPF_ST:
        g_string_append_printf(text, "M[%u] = A", code->k);
        break;
    case BPF_STX:
        g_string_append_printf(text, "M[%u] = X", code->k);
        break;
    case BPF_ALU:
        text_alu(text, code);
        break;
    case BPF_JMP:
        g_string_append(text, "if A == ");
        if (BPF_SRC(code->code) == BPF_X)
            g_string_append(text, "X");
        else
            g_string_append_printf(text, "0x%x", code->k);
        g_string_append_printf(text, " go to %u else %u", i + 1 + code->jt, i + 1 + code->jf);
        break;
    case BPF_RET:
        g_string_append(text, code->k == DROP ? "drop" : "accept");
        break;
    case BPF_MISC:
        g_string_append(text, "X = A");
        break;
    }
}

char *filter_text(const Filter *filter)
{
    GString *text = g_string_new(NULL);
    guint piece = 0;

    for (guint i = 0; i < filter->n; i++) {
        if (piece < filter->n_pieces && filter->pieces[piece].start == i)
            g_string_append_printf(text, "%s:\n", filter->pieces[piece++].name);
        g_string_append_printf(text, "  %3u  ", i);
        text_instruction(text, &filter->code[i], i);
        g_string_append_c(text, '\n');
    }
    return g_string_free(text, FALSE);
}
