#!/bin/sh
# What busybox's DHCP client calls when a lease comes or goes.
case $1 in
  deconfig) ip addr flush dev "$interface" ;;
  bound | renew)
    ip addr flush dev "$interface"
    ip addr add "$ip/${mask:-24}" dev "$interface"
    [ -n "$router" ] && ip route replace default via "${router%% *}" dev "$interface"
    for server in $dns; do echo "nameserver $server"; done > /etc/resolv.conf
    ;;
esac
