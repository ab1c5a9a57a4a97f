// SPDX-License-Identifier: BSL-1.0
// What can be set of a UDP socket. IPv4 and IPv6 have each their own options for the same.
#include <amphi/net/endpoint.hpp>
#include <amphi/net/udp.hpp>

#include "socket_address.hpp"
#include "udp_core.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace amphi::net {

namespace {

/// Joins or leaves, as the option of each family says.
void change_membership(
    const detail::udp_core& of,
    const endpoint& group,
    std::uint32_t interface_index,
    int v4_option,
    int v6_option,
    const char* name
) {
    const detail::socket_address address(group);
    if (group.is_ipv6()) {
        ipv6_mreq wanted{};
        wanted.ipv6mr_multiaddr = address.v6().sin6_addr;
        wanted.ipv6mr_interface = interface_index;
        of.set(IPPROTO_IPV6, v6_option, wanted, name);
    } else {
        ip_mreqn wanted{};
        wanted.imr_multiaddr = address.v4().sin_addr;
        wanted.imr_ifindex = static_cast<int>(interface_index);
        of.set(IPPROTO_IP, v4_option, wanted, name);
    }
}

}  // namespace

void udp_socket::broadcast(bool on) {
    core().set(SOL_SOCKET, SO_BROADCAST, on ? 1 : 0, "SO_BROADCAST");
}

void udp_socket::ttl(int hops) {
    const detail::udp_core& of = core();
    if (of.ipv6)
        of.set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops, "IPV6_UNICAST_HOPS");
    else
        of.set(IPPROTO_IP, IP_TTL, hops, "IP_TTL");
}

void udp_socket::receive_buffer(std::size_t size) {
    core().set_buffer(SO_RCVBUF, size, "SO_RCVBUF");
}

void udp_socket::send_buffer(std::size_t size) {
    core().set_buffer(SO_SNDBUF, size, "SO_SNDBUF");
}

std::size_t udp_socket::receive_buffer() const {
    return core().buffer(SO_RCVBUF, "SO_RCVBUF");
}

std::size_t udp_socket::send_buffer() const {
    return core().buffer(SO_SNDBUF, "SO_SNDBUF");
}

void udp_socket::join_multicast(const endpoint& group, std::uint32_t interface_index) {
    change_membership(
        core(),
        group,
        interface_index,
        IP_ADD_MEMBERSHIP,
        IPV6_ADD_MEMBERSHIP,
        ("membership in " + group.address()).c_str()
    );
}

void udp_socket::leave_multicast(const endpoint& group, std::uint32_t interface_index) {
    change_membership(
        core(),
        group,
        interface_index,
        IP_DROP_MEMBERSHIP,
        IPV6_DROP_MEMBERSHIP,
        ("the end of membership in " + group.address()).c_str()
    );
}

void udp_socket::multicast_ttl(int hops) {
    const detail::udp_core& of = core();
    if (of.ipv6)
        of.set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops, "IPV6_MULTICAST_HOPS");
    else
        of.set(IPPROTO_IP, IP_MULTICAST_TTL, hops, "IP_MULTICAST_TTL");
}

void udp_socket::multicast_loop(bool on) {
    const detail::udp_core& of = core();
    const int value = on ? 1 : 0;
    if (of.ipv6)
        of.set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, value, "IPV6_MULTICAST_LOOP");
    else
        of.set(IPPROTO_IP, IP_MULTICAST_LOOP, value, "IP_MULTICAST_LOOP");
}

void udp_socket::multicast_interface(std::uint32_t interface_index) {
    const detail::udp_core& of = core();
    if (of.ipv6) {
        of.set(IPPROTO_IPV6, IPV6_MULTICAST_IF, interface_index, "IPV6_MULTICAST_IF");
    } else {
        ip_mreqn wanted{};
        wanted.imr_ifindex = static_cast<int>(interface_index);
        of.set(IPPROTO_IP, IP_MULTICAST_IF, wanted, "IP_MULTICAST_IF");
    }
}

}  // namespace amphi::net
