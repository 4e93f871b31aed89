# Turns `strace -e trace=sendto,recvmsg -e read=all -e write=all` into the golden format: `>` begins a datagram that was sent,
# `<` one that was received, in wire order: a netlink header on a line, the header of its payload on the next, then one
# attribute a line, deeper where it is nested.

function number(at, bytes,    value, i) {                       # little endian, `bytes` bytes from byte offset `at`
    value = 0
    for (i = bytes - 1; i >= 0; i--) value = value * 256 + index(digits, substr(data, 2 * (at + i) + 1, 1)) * 16 - 16 \
        + index(digits, substr(data, 2 * (at + i) + 2, 1)) - 1
    return value
}
function hex(at, bytes) { return substr(data, 2 * at + 1, 2 * bytes) }
function line(depth, text) { printf "%s%s%s\n", mark, substr("                ", 1, 2 * depth), text; mark = "  " }

function header(at) {
    return hex(at, 4) " " hex(at + 4, 2) " " hex(at + 6, 2) " " hex(at + 8, 4) " " hex(at + 12, 4)
}
function attributes(at, end, depth,    length_, type, stop) {
    while (at + 4 <= end) {
        length_ = number(at, 2); type = number(at + 2, 2)
        if (length_ < 4 || at + length_ > end) break
        stop = at + int((length_ + 3) / 4) * 4
        if (stop > end) stop = end
        if (type >= 32768) {                                    # NLA_F_NESTED
            line(depth, hex(at, 2) " " hex(at + 2, 2))
            attributes(at + 4, at + length_, depth + 1)
        } else
            line(depth, hex(at, 2) " " hex(at + 2, 2) (length_ > 4 ? " " hex(at + 4, length_ - 4) : "") \
                (stop > at + length_ ? " " hex(at + length_, stop - at - length_) : ""))
        at = stop
    }
    if (at < end) line(depth, hex(at, end - at))
}
function message(at, end,    type, flags, inner) {
    line(0, header(at))
    type = number(at + 4, 2); flags = number(at + 6, 2); at += 16
    if (type == 2) {                                            # NLMSG_ERROR: errno, the request's header, and more unless capped
        line(1, hex(at, 4)); at += 4
        line(1, header(at)); inner = at + number(at, 4); at += 16
        if (int(flags / 256) % 2 == 0 && inner <= end && inner > at) {
            line(1, hex(at, 4)); attributes(at + 4, inner, 1); at = int((inner + 3) / 4) * 4
        }
        attributes(at, end, 1)                                  # extended ack
    } else if (type == 3) {                                     # NLMSG_DONE: the dump's result
        line(1, hex(at, 4)); attributes(at + 4, end, 1)
    } else if (at < end) {
        line(1, hex(at, 4)); attributes(at + 4, end, 1)
    }
}
function datagram(    at, length_, total) {
    if (data == "") return
    total = length(data) / 2
    mark = direction " "
    for (at = 0; at + 16 <= total; at += int((length_ + 3) / 4) * 4) {
        length_ = number(at, 4)
        if (length_ < 16 || at + length_ > total) break
        message(at, at + length_)
    }
    if (at < total) line(0, hex(at, total - at))
    data = ""
}
BEGIN { digits = "0123456789abcdef" }
/^sendto\(/ { datagram(); direction = ">" }
/^recvmsg\(/ { datagram(); direction = "<" }
/^ \| [0-9a-f]+  / {
    dump = substr($0, index($0, "  ") + 2, 49)                  # sixteen bytes as hex, then their text
    gsub(/ /, "", dump)
    data = data dump
}
END { datagram() }
