#!/bin/sh
# What busybox's DHCP client calls when a lease comes or goes. Of several cards the first one's way out wins.
metric=$((100 + ${interface#eth}))
case $1 in
  deconfig) ip addr flush dev "$interface" ;;
  bound | renew)
    ip addr flush dev "$interface"
    ip addr add "$ip/${mask:-24}" dev "$interface"
    [ -n "$mtu" ] && ip link set "$interface" mtu "$mtu"
    # Who gets classless routes has to ignore the router: it is among them.
    if [ -n "$staticroutes" ]; then
      set -- $staticroutes
      while [ $# -ge 2 ]; do
        ip route replace "$1" via "$2" dev "$interface" metric "$metric"
        shift 2
      done
    elif [ -n "$router" ]; then
      ip route replace default via "${router%% *}" dev "$interface" metric "$metric"
    fi
    if [ -n "$dns" ]; then
      {
        [ -n "$search$domain" ] && echo "search ${search:-$domain}"
        for server in $dns; do echo "nameserver $server"; done
      } > /etc/resolv.conf
    fi
    ;;
esac
