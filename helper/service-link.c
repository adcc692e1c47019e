/* SPDX-License-Identifier: MIT
 * SPDX-FileCopyrightText: The ontap authors
 *
 * The device comes down and bare. Before it is up the kernel is told how to choose IPv6 addresses:
 * an ipvlan has the MAC of its parent, and what is made of that (EUI-64) would differ from the
 * host's by a counter. With a secret of machine, network and name (RFC 7217) a service has the same
 * addresses each time, whatever interface is under it, and they tell nothing.
 *
 * Set with ioctl(2), which knows one IPv4 address an interface; more is for --setup.
 */
#include "helper/service-link.h"

#include "helper/interface.h"
#include "helper/program.h"
#include "wire/line.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool fail(const char *program, const char *what, const IpAddress *ip)
{
    char text[IP_TEXT_SIZE] = "";
    const char *why = "";
    int error = errno;

    if (ip)
        ip_format(ip, text);
    if (error == EADDRINUSE && ip)
        why = " (by another device of the same parent, perhaps a guest)";
    else if (error == EADDRINUSE || error == EBUSY)
        why = " (is a device of this network and name up elsewhere?)";
    program_error(program, "cannot %s%s%s: %s%s", what, ip ? " " : "", text, strerror(error), why);
    return false;
}

/* ── options ────────────────────────────────────────────────────────────────────────────────── */

static size_t count_family(const ServiceAddresses *addresses, uint8_t family)
{
    size_t n = 0;

    for (size_t i = 0; i < addresses->n_addresses; i++)
        n += addresses->addresses[i].ip.family == family;
    return n;
}

bool service_take_address(ServiceAddresses *addresses, const char *program, const char *text)
{
    ServiceAddress *address = &addresses->addresses[addresses->n_addresses];
    const char *slash = strchr(text, '/');
    char ip[IP_TEXT_SIZE];
    uint64_t length;

    if (addresses->n_addresses == SERVICE_ADDRESSES_MAX) {
        program_error(program, "at most %d addresses, please; more in --setup",
                      SERVICE_ADDRESSES_MAX);
        return false;
    }
    snprintf(ip, sizeof(ip), "%.*s", slash ? (int)(slash - text) : 0, text);
    if (!slash || slash - text >= (ptrdiff_t)sizeof(ip) || !ip_parse(ip, &address->ip) ||
        !line_parse_u64(slash + 1, &length) || length < 1 ||
        length > 8 * ip_size(address->ip.family)) {
        program_error(program,
                      "\"%.80s\" is not an address with the length of its network, such as "
                      "192.0.2.7/24 or 2001:db8::7/64",
                      text);
        return false;
    }
    if (address->ip.family == AF_INET && count_family(addresses, AF_INET) > 0) {
        program_error(program, "one address of IPv4, please; more in --setup");
        return false;
    }
    address->length = (unsigned)length;
    addresses->n_addresses++;
    return true;
}

bool service_take_gateway(ServiceAddresses *addresses, const char *program, const char *text)
{
    IpAddress ip;

    if (!ip_parse(text, &ip)) {
        program_error(program, "\"%.80s\" is not the address of a gateway", text);
        return false;
    }
    for (size_t i = 0; i < addresses->n_gateways; i++) {
        if (addresses->gateways[i].family == ip.family) {
            program_error(program, "one gateway of each family, please; more in --setup");
            return false;
        }
    }
    addresses->gateways[addresses->n_gateways++] = ip;
    return true;
}

static bool is_held(const struct ifaddrs *held, const IpAddress *ip)
{
    const uint8_t *bytes;

    if (!held->ifa_addr || held->ifa_addr->sa_family != ip->family)
        return false;
    bytes =
        ip->family == AF_INET
            ? (const uint8_t *)&((const struct sockaddr_in *)(const void *)held->ifa_addr)->sin_addr
            : (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)held->ifa_addr)
                  ->sin6_addr;
    return memcmp(bytes, ip->bytes, ip_size(ip->family)) == 0;
}

bool service_addresses_check(const char *program, const ServiceAddresses *addresses)
{
    struct ifaddrs *all;
    bool ok = true;

    if (getifaddrs(&all) < 0)
        return fail(program, "list the addresses of this host", NULL);
    for (const struct ifaddrs *held = all; held && ok; held = held->ifa_next) {
        for (size_t i = 0; i < addresses->n_addresses && ok; i++) {
            ok = !is_held(held, &addresses->addresses[i].ip);
            if (!ok)
                program_error(program, "one of the addresses is that of this host's own %s",
                              held->ifa_name);
        }
    }
    freeifaddrs(all);
    return ok;
}

bool service_addresses_check_taken(const char *program, const ServiceAddresses *addresses,
                                   const char *taken)
{
    while (*taken) {
        size_t size = strcspn(taken, ",");
        char text[IP_TEXT_SIZE];
        IpAddress ip;

        snprintf(text, sizeof(text), "%.*s", (int)(size < sizeof(text) ? size : 0), taken);
        for (size_t i = 0; ip_parse(text, &ip) && i < addresses->n_addresses; i++) {
            if (!ip_equal(&ip, &addresses->addresses[i].ip))
                continue;
            program_error(program, "%s is an address of this host itself", text);
            return false;
        }
        taken += size + (taken[size] == ',');
    }
    return true;
}

/* ── settings ────────────────────────────────────────────────────────────────────────────────── */

static bool write_setting(const char *program, const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok;

    if (fd < 0 && errno == ENOENT)
        return true; /* a kernel without IPv6 */
    ok = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
    if (!ok)
        program_error(program, "cannot write %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

/* A new namespace forwards IPv4 when the host does. */
static bool stop_forwarding(const char *program, const char *ifname)
{
    char path[64 + IFNAMSIZ];

    snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/forwarding", ifname);
    return write_setting(program, path, "0");
}

static bool choose_stable(const char *program, const char *ifname, const ServiceIdentity *identity)
{
    const IpAddress secret = ip_make(AF_INET6, identity->secret);
    char path[64 + IFNAMSIZ];
    char text[IP_TEXT_SIZE];

    ip_format(&secret, text);
    snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/stable_secret", ifname);
    return write_setting(program, path, text);
}

/* ── the device ─────────────────────────────────────────────────────────────────────────────── */

static void name_request(struct ifreq *request, const char *ifname)
{
    *request = (struct ifreq){0};
    snprintf(request->ifr_name, sizeof(request->ifr_name), "%.*s", IFNAMSIZ - 1, ifname);
}

static struct sockaddr_in ipv4_sockaddr(const uint8_t bytes[static 4])
{
    struct sockaddr_in address = {.sin_family = AF_INET};

    memcpy(&address.sin_addr, bytes, 4);
    return address;
}

static bool add_ipv4(int socket, const char *ifname, const ServiceAddress *address)
{
    const uint32_t mask = htonl((uint32_t)(UINT64_C(0xffffffff) << (32 - address->length)));
    const struct sockaddr_in netmask = ipv4_sockaddr((const uint8_t *)&mask);
    const struct sockaddr_in ip = ipv4_sockaddr(address->ip.bytes);
    struct ifreq request;

    name_request(&request, ifname);
    memcpy(&request.ifr_addr, &ip, sizeof(ip));
    if (ioctl(socket, SIOCSIFADDR, &request) < 0)
        return false;
    memcpy(&request.ifr_netmask, &netmask, sizeof(netmask));
    return ioctl(socket, SIOCSIFNETMASK, &request) == 0;
}

static bool add_ipv6(int socket, const Reply *device, const ServiceAddress *address)
{
    struct in6_ifreq request = {.ifr6_prefixlen = address->length,
                                .ifr6_ifindex = (int)device->ifindex};

    memcpy(&request.ifr6_addr, address->ip.bytes, sizeof(request.ifr6_addr));
    return ioctl(socket, SIOCSIFADDR, &request) == 0;
}

static bool add_ipv4_gateway(int socket, const Reply *device, const IpAddress *gateway)
{
    const struct sockaddr_in ip = ipv4_sockaddr(gateway->bytes);
    const struct sockaddr_in any = {.sin_family = AF_INET};
    char ifname[DEVICE_IFNAME_SIZE];
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = ifname};

    strcpy(ifname, device->ifname);
    memcpy(&route.rt_gateway, &ip, sizeof(ip));
    memcpy(&route.rt_dst, &any, sizeof(any));
    memcpy(&route.rt_genmask, &any, sizeof(any));
    return ioctl(socket, SIOCADDRT, &route) == 0;
}

static bool add_ipv6_gateway(int socket, const Reply *device, const IpAddress *gateway)
{
    struct in6_rtmsg route = {.rtmsg_flags = RTF_UP | RTF_GATEWAY,
                              .rtmsg_metric = 1024,
                              .rtmsg_ifindex = (int)device->ifindex};

    memcpy(&route.rtmsg_gateway, gateway->bytes, sizeof(route.rtmsg_gateway));
    return ioctl(socket, SIOCADDRT, &route) == 0;
}

static bool add_all(const char *program, int ipv4, int ipv6, const Reply *device,
                    const ServiceAddresses *addresses)
{
    for (size_t i = 0; i < addresses->n_addresses; i++) {
        const ServiceAddress *address = &addresses->addresses[i];

        if (!(address->ip.family == AF_INET ? add_ipv4(ipv4, device->ifname, address)
                                            : add_ipv6(ipv6, device, address)))
            return fail(program, "set the address", &address->ip);
    }
    for (size_t i = 0; i < addresses->n_gateways; i++) {
        const IpAddress *gateway = &addresses->gateways[i];

        if (!(gateway->family == AF_INET ? add_ipv4_gateway(ipv4, device, gateway)
                                         : add_ipv6_gateway(ipv6, device, gateway)))
            return fail(program, "add a route by way of", gateway);
    }
    return true;
}

bool service_link_configure(const char *program, const Reply *device,
                            const ServiceIdentity *identity, const ServiceAddresses *addresses)
{
    int ipv4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int ipv6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* or none, without IPv6 */
    bool ok;

    if (ipv4 < 0)
        ok = fail(program, "make a socket", NULL);
    else if (!interface_up("lo"))
        ok = fail(program, "bring the loopback up", NULL);
    else if (!stop_forwarding(program, device->ifname) ||
             !choose_stable(program, device->ifname, identity))
        ok = false;
    else if (!interface_up(device->ifname))
        ok = fail(program, "bring the device up", NULL);
    else
        ok = add_all(program, ipv4, ipv6, device, addresses);
    if (ipv4 >= 0)
        close(ipv4);
    if (ipv6 >= 0)
        close(ipv6);
    return ok;
}
