/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 */
#include "nasties.h"

#define AS_IS .lengths = false
#define RIGHT .lengths = true

/* Destination and source. */
#define TO_ALL "ffffffffffff 52540000bad1 "
#define TO_HOST "02005e000002 52540000bad1 "
#define TO_NODES "333300000001 52540000bad1 "
#define AS_ROUTER "333300000001 02005e000001 "
#define AS_HOST "02005e000002 02005e000002 "

#define ARP "0806 0001 0800 06 04 "
#define BODY4 "0000000000000000"

/* IPv4: header length and service, total length, identification, fragment; protocol; addresses. */
#define IP4(words, fragment, protocol)                                                             \
    "0800 " words " 0000 0bad " fragment " 40 " protocol " 0000 c0000263 c0000202 "
#define IP4_ALL(protocol) "0800 4500 0000 0bad 0000 40 " protocol " 0000 00000000 ffffffff "
#define UDP_CLIENT "0044 0043 0000 0000 "
#define UDP_SERVER "0043 0044 0000 0000 "

/* IPv6, with hop limit 255: what follows it, and who says it to whom. */
#define IP6(next) "86dd 60000000 0000 " next " ff "
#define GUEST "fe800000000000000000000000000bad "
#define ROUTER "fe800000000000000000000000000001 "
#define NODES "ff020000000000000000000000000001 "
#define NOBODY "00000000000000000000000000000000 "
#define HOST6 "20010db8007700000000000000000002 "
#define PREFIX "20010db8007700000000000000000000 "

#define RA(lifetime) "86 00 0000 40 00 " lifetime " 00000000 00000000 "
#define NS(target) "87 00 0000 00000000 " target
#define NA(target) "88 00 0000 20000000 " target

/* BOOTP up to the magic cookie. */
#define BOOTP(op, yiaddr)                                                                          \
    op " 01 06 00 0bad0001 0000 8000 00000000 " yiaddr " 00000000 00000000 "                       \
       "52540000bad1 00000000000000000000 " ZERO192
#define ZERO16 "00000000000000000000000000000000"
#define ZERO64 ZERO16 ZERO16 ZERO16 ZERO16
#define ZERO192 ZERO64 ZERO64 ZERO64
#define COOKIE "63825363 "

const Nasty nasties[] = {
    /* Frames that are hardly any. */
    {"no type", "ffffffffffff 52540000bad1", AS_IS},
    {"nothing behind the header", TO_ALL "0800", AS_IS},
    {"802.3 length that lies", TO_ALL "05dc aaaa03", AS_IS},
    {"802.3 length of zero", TO_ALL "0000", "00", 46, AS_IS},
    {"group as source", "ffffffffffff ffffffffffff " ARP "0001", "00", 20, AS_IS},
    {"no source", "ffffffffffff 000000000000 " ARP "0001", "00", 20, AS_IS},
    {"spanning tree", "0180c2000000 52540000bad1 0026 424203 0000000000", "00", 30, AS_IS},
    {"pause", "0180c2000001 52540000bad1 8808 0001 ffff", "00", 42, AS_IS},
    {"link layer discovery", "0180c200000e 52540000bad1 88cc 0207 04 52540000bad1 ffff", AS_IS},
    {"802.1X logoff", "0180c2000003 52540000bad1 888e 01 02 0000", "00", 42, AS_IS},
    {"MACsec", TO_ALL "88e5 2c00 00000001", "ff", 40, AS_IS},
    {"one tag, nothing in it", TO_ALL "8100 0001", AS_IS},
    {"two tags", TO_ALL "88a8 0001 8100 0001 " ARP "0001 52540000bad1 c0000202", BODY4, 2, AS_IS},
    {"tags without end", TO_ALL, "81000001", 360, AS_IS},
    {"an outer tag of an inner kind", TO_HOST "8100 0000 88a8 0000 86dd", "60", 60, AS_IS},

    /* ARP. */
    {"ARP of the host", TO_ALL ARP "0002 52540000bad1 c0000202 000000000000 c0000202", AS_IS},
    {"ARP of the router", TO_ALL ARP "0002 52540000bad1 c0000201 ffffffffffff c0000201", AS_IS},
    {"ARP of all", TO_ALL ARP "0001 52540000bad1 ffffffff 000000000000 ffffffff", AS_IS},
    {"ARP with long addresses", TO_ALL "0806 0001 0800 ff ff 0001", "41", 28, AS_IS},
    {"ARP without addresses", TO_ALL "0806 0001 0800 00 00 0001", AS_IS},
    {"ARP for IPv6", TO_ALL "0806 0001 86dd 06 10 0001", "fe", 44, AS_IS},
    {"ARP cut in its sender", TO_ALL ARP "0001 52540000bad1 c000", AS_IS},
    {"ARP with a group's MAC", TO_ALL ARP "0002 01005e000001 c0000263", BODY4, 2, AS_IS},

    /* IPv4. */
    {"IPv4 with no header", TO_HOST IP4("4000", "0000", "11"), BODY4, 1, RIGHT},
    {"IPv4 with options that are not there", TO_HOST IP4("4f00", "0000", "11"), AS_IS},
    {"IPv4 longer than its frame", TO_HOST "0800 4500 ffff 0bad 0000 40 11 0000 c0000263 c0000202",
     AS_IS},
    {"IPv4 shorter than its header",
     TO_HOST "0800 4500 0013 0bad 0000 40 11 0000 c0000263 c0000202", BODY4, 4, AS_IS},
    {"an option of length 0", TO_HOST IP4("4600", "0000", "11") "44000000", BODY4, 1, RIGHT},
    {"an option of length 1", TO_HOST IP4("4600", "0000", "11") "07010000", BODY4, 1, RIGHT},
    {"a source route", TO_HOST IP4("4800", "0000", "11") "830704 c0000201 c0000202 00", BODY4, 1,
     RIGHT},
    {"from the host to itself",
     TO_HOST "0800 4500 0000 0bad 0000 40 06 0000 c0000202 c0000202 "
             "0016 0016 00000001 00000000 5002 0400 0000 0000",
     AS_IS},
    {"the end of a ping of death", TO_HOST IP4("4500", "1fff", "01"), "41", 400, RIGHT},
    {"teardrop, first", TO_HOST IP4("4500", "2000", "11") "0035 0035 0024 0000", BODY4, 3, RIGHT},
    {"teardrop, second", TO_HOST IP4("4500", "0003", "11"), "41", 4, RIGHT},
    {"a fragment of one byte", TO_HOST IP4("4500", "2000", "11"), "00", 1, RIGHT},
    {"UDP of length 0", TO_HOST IP4("4500", "0000", "11") "0043 0044 0000 0000", BODY4, 30, AS_IS},
    {"UDP of length 7", TO_HOST IP4("4500", "0000", "11") "0043 0044 0007 0000", BODY4, 30, AS_IS},
    {"UDP longer than IP", TO_HOST IP4("4500", "0000", "11") "0043 0044 ffff 0000", BODY4, 30,
     AS_IS},
    {"TCP with all flags",
     TO_HOST IP4("4500", "0000", "06") "0016 0016 00000000 00000000 ffff 0000", "ff", 44, RIGHT},
    {"an IGMP query", TO_ALL "0800 4500 0000 0bad 0000 01 02 0000 c0000263 e0000001 11 00 0000",
     "00", 4, RIGHT},
    {"an ICMP redirect", TO_HOST IP4("4500", "0000", "01") "05 01 0000 c0000263", "45", 28, RIGHT},

    /* DHCP. */
    {"DHCP without a cookie", TO_ALL IP4_ALL("11") UDP_CLIENT BOOTP("01", "00000000"), "00", 4,
     RIGHT},
    {"DHCP without an end", TO_ALL IP4_ALL("11") UDP_CLIENT BOOTP("01", "00000000") COOKIE "350101",
     "00", 300, RIGHT},
    {"an option that goes on outside",
     TO_ALL IP4_ALL("11") UDP_CLIENT BOOTP("01", "00000000") COOKIE "350101 3dff", "41", 8, RIGHT},
    {"options in options in options",
     TO_ALL IP4_ALL("11") UDP_CLIENT BOOTP("01", "00000000") COOKIE "350101 340103", "340103", 90,
     RIGHT},
    {"a thousand types of message", TO_ALL IP4_ALL("11") UDP_CLIENT BOOTP("01", "00000000") COOKIE,
     "350105", 380, RIGHT},
    {"a lease of the host's address",
     TO_ALL IP4_ALL("11") UDP_SERVER BOOTP("02", "c0000202") COOKIE
     "350105 3604c0000201 3304ffffffff ff",
     RIGHT},
    {"a lease of no time",
     TO_ALL IP4_ALL("11") UDP_SERVER BOOTP("02", "c0000263") COOKIE
     "350105 3604c0000201 330400000000 ff",
     RIGHT},
    {"a lease of a group",
     TO_ALL IP4_ALL("11") UDP_SERVER BOOTP("02", "e0000001") COOKIE
     "350105 3604c0000201 330400000e10 ff",
     RIGHT},
    {"a refusal",
     TO_ALL IP4_ALL("11") UDP_SERVER BOOTP("02", "00000000") COOKIE "350106 3604c0000201 ff",
     RIGHT},
    {"a hardware address of 255 bytes", TO_ALL IP4_ALL("11") UDP_CLIENT "01 01 ff 00 0bad0001",
     "ff", 240, RIGHT},

    /* IPv6 and neighbour discovery. */
    {"IPv6 longer than its frame", TO_NODES "86dd 60000000 ffff 3a ff " GUEST NODES "86", AS_IS},
    {"IPv6 of no length", TO_NODES "86dd 60000000 0000 3a ff " GUEST NODES RA("ffff"), AS_IS},
    {"a jumbogram", TO_HOST IP6("00") GUEST HOST6 "3a 00 c204 ffffffff", BODY4, 4, AS_IS},
    {"headers without end", TO_HOST IP6("00") GUEST HOST6, "0000010400000000", 180, RIGHT},
    {"a routing header of type 0",
     TO_HOST IP6("2b") GUEST HOST6 "3a 04 00 02 00000000" HOST6 HOST6 "80 00 0000 0bad 0001",
     RIGHT},
    {"an authentication header that ends outside", TO_NODES IP6("33") GUEST NODES "3a ff 0000",
     BODY4, 3, RIGHT},
    {"an advertisement in a fragment",
     AS_ROUTER IP6("2c") ROUTER NODES "3a 00 0000 00000bad" RA("0000"), RIGHT},
    {"a fragment in a fragment",
     AS_ROUTER IP6("2c") ROUTER NODES "2c 00 0001 00000bad 3a 00 0001 "
                                      "00000bad" RA("0000"),
     RIGHT},
    {"the router resigns", AS_ROUTER IP6("3a") ROUTER NODES RA("0000"), RIGHT},
    {"the prefix is withdrawn",
     AS_ROUTER IP6("3a") ROUTER NODES RA("0000") "03 04 40 c0 00000000 00000000 00000000 " PREFIX,
     RIGHT},
    {"another router, for ever",
     TO_NODES IP6("3a") GUEST NODES RA(
         "ffff") "03 04 40 c0 ffffffff ffffffff 00000000 20010db80bad00000000000000000000",
     RIGHT},
    {"an advertisement to the host alone", AS_HOST IP6("3a") ROUTER NODES RA("0000"), RIGHT},
    {"an MTU of 0", AS_ROUTER IP6("3a") ROUTER NODES RA("0708") "05 01 0000 00000000", RIGHT},
    {"a hundred and seventy options", AS_ROUTER IP6("3a") ROUTER NODES RA("0708"),
     "0101000000000000", 170, RIGHT},
    {"forty prefixes", AS_ROUTER IP6("3a") ROUTER NODES RA("0708"),
     "03 04 40 c0 0000000e 0000000e 00000000 20010db80bad00000000000000000000", 40, RIGHT},
    {"an option of length 0", AS_ROUTER IP6("3a") ROUTER NODES RA("0708"), "0100000000000000", 4,
     RIGHT},
    {"an option that ends outside", AS_ROUTER IP6("3a") ROUTER NODES RA("0708"), "01ff000000000000",
     1, RIGHT},
    {"name servers of no length", AS_ROUTER IP6("3a") ROUTER NODES RA("0708") "19 01 0000 00000e10",
     RIGHT},
    {"a redirect", TO_HOST IP6("3a") ROUTER HOST6 "89 00 0000 00000000" GUEST PREFIX, RIGHT},
    {"a probe for the host", TO_NODES IP6("3a") NOBODY NODES NS(HOST6), RIGHT},
    {"a probe for the router", TO_NODES IP6("3a") NOBODY NODES NS(ROUTER), RIGHT},
    {"a probe for all", TO_NODES IP6("3a") NOBODY NODES NS(NODES), RIGHT},
    {"an answer for the host", TO_NODES IP6("3a") GUEST NODES NA(HOST6) "0201 52540000bad1", RIGHT},
    {"an answer for the router", TO_NODES IP6("3a") ROUTER NODES NA(ROUTER) "0201 52540000bad1",
     RIGHT},
    {"an answer by nobody", TO_NODES IP6("3a") NOBODY NODES NA(NOBODY), RIGHT},
    {"from ::1", TO_HOST IP6("3a") "00000000000000000000000000000001" HOST6 NS(HOST6), RIGHT},
    {"from an IPv4 address", TO_HOST IP6("3a") "00000000000000000000ffffc0000202" HOST6 NS(HOST6),
     RIGHT},
    {"an MLD query",
     TO_NODES IP6("00") GUEST NODES "3a 00 0502 0000 0100 82 00 0000 00000000" NOBODY, RIGHT},
    {"an MLD report of more than it holds",
     TO_NODES IP6("3a") GUEST NODES "8f 00 0000 0000 ffff 04 ff ffff", BODY4, 2, RIGHT},
    {"a DHCPv6 option that goes on outside",
     TO_NODES IP6("11") GUEST NODES "0222 0223 0000 0000 01 0bad01 0001 ffff", BODY4, 1, RIGHT},
    {"DHCPv6 of one word", TO_NODES IP6("11") GUEST NODES "0222 0223 0000 0000 07", RIGHT},
    {"an association in an association",
     TO_NODES IP6("11") GUEST NODES "0223 0222 0000 0000 07 0bad01",
     "0003 0100 00000001 00000000 00000000", 60, RIGHT},
    {"DHCPv6 relayed by relays", TO_NODES IP6("11") GUEST NODES "0223 0223 0000 0000",
     "0c 00" GUEST GUEST "0009 0100", 30, RIGHT},
};
const size_t n_nasties = sizeof(nasties) / sizeof(nasties[0]);

/* flags, type of GSO, length of headers, size of a segment, start and place of the checksum; two
 * bytes each but for the first two, little-endian. */
const char *const nasty_offloads[] = {
    "01 00 0000 0000 0e00 0200", /* a checksum, in the IP header */
    "01 00 0000 0000 ffff ffff", /* far outside */
    "01 00 0000 0000 fdff 0400", /* where start and place overflow */
    "01 00 ffff 0000 2200 0600", /* headers longer than the frame */
    "01 01 3600 0100 2200 1000", /* TCP in segments of one byte */
    "01 01 3600 0000 2200 1000", /* of none */
    "01 04 3600 ffff 3600 1000", /* IPv6 in large ones */
    "01 03 2a00 0800 2200 0600", /* UDP in fragments */
    "01 05 2a00 0800 2200 0600", /* UDP in segments */
    "00 01 3600 b405 0000 0000", /* segments without a checksum */
    "ff ff ffff ffff ffff ffff", "02 80 0000 0000 0000 0000",
};
const size_t n_nasty_offloads = sizeof(nasty_offloads) / sizeof(nasty_offloads[0]);
