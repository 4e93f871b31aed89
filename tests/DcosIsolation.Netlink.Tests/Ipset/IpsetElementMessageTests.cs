using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

/// <summary>What is no element, and what version 7.17 of the ipset program was seen to say of it.</summary>
public sealed class IpsetElementMessageTests
{
    public static TheoryData<string, string, string> Refused => new()
    {
        { "net", "10.0.0.0/33", "Syntax error: '33' is out of range 0-32" },
        { "net", "10.0.0.0/x", "Syntax error: 'x' is invalid as number" },
        { "net", "10.0.0.0/256", "Syntax error: '256' is out of range 0-255" },
        { "net", "10.0.0.0/-1", "Syntax error: '-1' is out of range 0-255" },
        { "net", "10.0.0.0/99999999999999999999999", "Syntax error: '99999999999999999999999' is out of range 0-255" },
        { "net", "10.0.0.0/08", "Syntax error: '08' is invalid as number" },
        { "net", "10.0.0.0/24 ", "Syntax error: '24 ' is invalid as number" },
        { "net", "10.0.0.0/24/8", "Syntax error: '24/8' is invalid as number" },
        { "net", "foo.invalid/33", "Syntax error: '33' is out of range 0-32" },
        { "net", "foo.invalid", "Syntax error: cannot parse foo.invalid: resolving to IPv4 address failed" },
        { "net", "0x0a000003", "Syntax error: cannot parse 0x0a000003: resolving to IPv4 address failed" },
        { "net", "1.2.3.4.", "Syntax error: cannot parse 1.2.3.4.: resolving to IPv4 address failed" },
        { "net", "1.2.3.4.5", "Syntax error: cannot parse 1.2.3.4.5: resolving to IPv4 address failed" },
        { "net", "1.2.3.256", "Syntax error: cannot parse 1.2.3.256: resolving to IPv4 address failed" },
        { "net", "1.2.3.4 ", "Syntax error: cannot parse 1.2.3.4 : resolving to IPv4 address failed" },
        { "net", " 1.2.3.4", "Syntax error: cannot parse  1.2.3.4: resolving to IPv4 address failed" },
        { "net", "::1", "Syntax error: cannot parse ::1: resolving to IPv4 address failed" },
        { "net", "1.2.3.4,5", "Syntax error: Elem separator in 1.2.3.4,5, but settype hash:net supports none." },
        { "net", ",1.2.3.4", "Syntax error: cannot parse ,1.2.3.4: resolving to IPv4 address failed" },
        { "net", "1.2.3.4,", "Syntax error: cannot parse 1.2.3.4,: resolving to IPv4 address failed" },
        { "net", "1.2.3.4/24-1.2.3.9", "Syntax error: '24-1.2.3.9' is invalid as number" },
        { "net", "1.2.3.4-1.2.3.9/24", "Syntax error: cannot parse 1.2.3.4-1.2.3.9: resolving to IPv4 address failed" },
        { "net", "1.2.3.4-1.2.3.9-1.2.3.10", "Syntax error: cannot parse 1.2.3.9-1.2.3.10: resolving to IPv4 address failed" },
        { "net", "1.2.3.4-foo.invalid", "Syntax error: cannot parse foo.invalid: resolving to IPv4 address failed" },
        { "net", "foo.invalid-1.2.3.4", "Syntax error: cannot parse foo.invalid: resolving to IPv4 address failed" },
        { "net", "a-b", "Syntax error: cannot parse a: resolving to IPv4 address failed" },
        { "net", "[a-b]", "Syntax error: cannot parse a-b: resolving to IPv4 address failed" },
        { "net", "[a-b]-[c-d]", "Syntax error: cannot parse a-b: resolving to IPv4 address failed" },
        { "net", "1.2.3.4-[1.2.3.7", "Syntax error: cannot find closing escape character ']' in [1.2.3.7" },
        { "net", "[1.2.3.4", "Syntax error: cannot find closing escape character ']' in [1.2.3.4" },
        { "net", "[1.2.3.4]x", "Syntax error: range separator expected after '[1.2.3.4]'" },
        { "net", "[]", "Syntax error: cannot parse : resolving to IPv4 address failed" },
        { "net", "[1.2.3.4/24", "Syntax error: cannot find closing escape character ']' in [1.2.3.4" },
        { "net", "[1.2.3.4]-", "Syntax error: cannot parse : resolving to IPv4 address failed" },
        { "net", "]", "Syntax error: cannot parse ]: resolving to IPv4 address failed" },
        { "net", "[1.2.3.4]]", "Syntax error: range separator expected after '[1.2.3.4]'" },
        { "net", "[[1.2.3.4]]", "Syntax error: range separator expected after '[[1.2.3.4]'" },
        { "net", "1.2.3.4-", "Syntax error: cannot parse 1.2.3.4-: resolving to IPv4 address failed" },
        { "net", "-1.2.3.4", "Syntax error: cannot parse -1.2.3.4: resolving to IPv4 address failed" },
        { "net", "/24", "Syntax error: cannot parse /24: resolving to IPv4 address failed" },
        { "net", "1.2.3.4/", "Syntax error: cannot parse 1.2.3.4/: resolving to IPv4 address failed" },
        { "net,net", "1.2.3.4", "Syntax error: Second element is missing from 1.2.3.4." },
        { "net,net", "1.2.3.4,", "Syntax error: Second element is missing from 1.2.3.4,." },
        { "net,net", ",1.2.3.4", "Syntax error: Second element is missing from ,1.2.3.4." },
        { "net,net", ",", "Syntax error: Second element is missing from ,." },
        {
            "net,net", "1.1.1.1,2.2.2.2,3.3.3.3",
            "Syntax error: Two elem separators in 1.1.1.1,2.2.2.2,3.3.3.3, but settype hash:net,net supports one."
        },
        { "net,net", "1.1.1.1,2.2.2.2,", "Syntax error: Second element is missing from 1.1.1.1,2.2.2.2,." },
        { "net,net", "1.1.1.1,,2.2.2.2", "Syntax error: cannot parse ,2.2.2.2: resolving to IPv4 address failed" },
        {
            "net,net", "1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4",
            "Syntax error: Two elem separators in 1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4, but settype hash:net,net supports one."
        },
        { "net,net", "x/33,y/44", "Syntax error: '33' is out of range 0-32" },
        { "net,port,net", "1.1.1.1", "Syntax error: Second element is missing from 1.1.1.1." },
        { "net,port,net", "1.1.1.1,80", "Syntax error: Third element is missing from 1.1.1.1,80." },
        { "net,port,net", "1.1.1.1,80,", "Syntax error: Second element is missing from 1.1.1.1,80,." },
        { "net,port,net", ",80,1.1.1.1", "Syntax error: Second element is missing from ,80,1.1.1.1." },
        { "net,port,net", "1.1.1.1,,2.2.2.2", "Syntax error: Third element is missing from 1.1.1.1,,2.2.2.2." },
        {
            "net,port,net", "1.1.1.1,80,2.2.2.2,3.3.3.3",
            "Syntax error: Three elem separators in 1.1.1.1,80,2.2.2.2,3.3.3.3, but settype hash:net,port,net supports two."
        },
        { "net,port,net", "1.1.1.1,80,2.2.2.2,", "Syntax error: Second element is missing from 1.1.1.1,80,2.2.2.2,." },
        {
            "net,port,net", "1.1.1.1,80,2.2.2.2,3.3.3.3,4.4.4.4",
            "Syntax error: Three elem separators in 1.1.1.1,80,2.2.2.2,3.3.3.3,4.4.4.4, but settype hash:net,port,net supports two."
        },
        { "net,port,net", "x/33,foo,2.2.2.2", "Syntax error: '33' is out of range 0-32" },
        {
            "net,port,net", "1.1.1.1,tcp:HTTP,2.2.2.2",
            "Syntax error: 'HTTP' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse 'HTTP' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,UDP:domain,2.2.2.2",
            "Syntax error: 'domain' is invalid as number\n"
            + "Syntax error: 'UDP' is invalid as number\n"
            + "cannot parse 'domain' as a UDP port"
        },
        { "net,port,net", "1.1.1.1,17:foo,2.2.2.2", "Syntax error: 'foo' is invalid as number\ncannot parse 'foo' as a 17 port" },
        {
            "net,port,net", "1.1.1.1,sctp:foo,2.2.2.2",
            "Syntax error: 'foo' is invalid as number\n"
            + "Syntax error: 'sctp' is invalid as number\n"
            + "cannot parse 'foo' as a sctp port"
        },
        {
            "net,port,net", "1.1.1.1,udplite:http,2.2.2.2",
            "Syntax error: 'http' is invalid as number\n"
            + "Syntax error: 'udplite' is invalid as number\n"
            + "cannot parse 'http' as a udplite port"
        },
        { "net,port,net", "1.1.1.1,136:http,2.2.2.2", "Syntax error: 'http' is invalid as number\ncannot parse 'http' as a 136 port" },
        { "net,port,net", "1.1.1.1,132:http,2.2.2.2", "Syntax error: 'http' is invalid as number\ncannot parse 'http' as a 132 port" },
        {
            "net,port,net", "1.1.1.1,tcp:65536,2.2.2.2",
            "Syntax error: '65536' is out of range 0-65535\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '65536' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:99999999999999999999,2.2.2.2",
            "Syntax error: '99999999999999999999' is out of range 0-65535\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '99999999999999999999' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:-1,2.2.2.2",
            "Syntax error: '-1' is out of range 0-65535\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '-1' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:80-,2.2.2.2",
            "Syntax error: '80-' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '80-' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:-80,2.2.2.2",
            "Syntax error: '-80' is out of range 0-65535\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '-80' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:80-foo,2.2.2.2",
            "Syntax error: 'foo' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse 'foo' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:foo-80,2.2.2.2",
            "Syntax error: 'foo' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse 'foo' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:foo-bar,2.2.2.2",
            "Syntax error: 'bar' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse 'bar' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:foo-65536,2.2.2.2",
            "Syntax error: '65536' is out of range 0-65535\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '65536' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:80-82-84,2.2.2.2",
            "Syntax error: '82-84' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '82-84' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,ftp-data,2.2.2.2",
            "Syntax error: 'data' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse 'data' as a tcp port"
        },
        { "net,port,net", "1.1.1.1,tcp:[ftp-data]x,2.2.2.2", "Syntax error: range separator expected after '[ftp-data]'" },
        { "net,port,net", "1.1.1.1,tcp:[ftp-data,2.2.2.2", "Syntax error: cannot find closing escape character ']' in [ftp-data" },
        {
            "net,port,net", "1.1.1.1,tcp:80-[ftp-data,2.2.2.2",
            "Syntax error: cannot find closing escape character ']' in [ftp-data\n"
            + "cannot parse '[ftp-data' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:[80],2.2.2.2",
            "Syntax error: '[80]' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '[80]' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:[foo],2.2.2.2",
            "Syntax error: '[foo]' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '[foo]' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:[],2.2.2.2",
            "Syntax error: '[]' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '[]' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:,2.2.2.2",
            "Syntax error: 'tcp:' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse 'tcp:' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,:80,2.2.2.2",
            "Syntax error: ':80' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse ':80' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,:,2.2.2.2",
            "Syntax error: ':' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse ':' as a tcp port"
        },
        {
            "net,port,net", "1.1.1.1,tcp:80:90,2.2.2.2",
            "Syntax error: '80:90' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse '80:90' as a tcp port"
        },
        { "net,port,net", "1.1.1.1,[tcp]:80,2.2.2.2", "Syntax error: cannot parse '[tcp]' as a protocol" },
        { "net,port,net", "1.1.1.1,foo:80,2.2.2.2", "Syntax error: cannot parse 'foo' as a protocol" },
        { "net,port,net", "1.1.1.1,256:0,2.2.2.2", "Syntax error: cannot parse '256' as a protocol" },
        { "net,port,net", "1.1.1.1,ip:0,2.2.2.2", "Syntax error: Unsupported protocol 'ip'" },
        { "net,port,net", "1.1.1.1,IP:0,2.2.2.2", "Syntax error: Unsupported protocol 'IP'" },
        { "net,port,net", "1.1.1.1,ip:1,2.2.2.2", "Syntax error: Unsupported protocol 'ip'" },
        { "net,port,net", "1.1.1.1,0:1,2.2.2.2", "Syntax error: Protocol 0 can be used with pseudo port value 0 only." },
        { "net,port,net", "1.1.1.1,gre:1,2.2.2.2", "Syntax error: Protocol gre can be used with pseudo port value 0 only." },
        { "net,port,net", "1.1.1.1,gre:00,2.2.2.2", "Syntax error: Protocol gre can be used with pseudo port value 0 only." },
        { "net,port,net", "1.1.1.1,47:1,2.2.2.2", "Syntax error: Protocol 47 can be used with pseudo port value 0 only." },
        { "net,port,net", "1.1.1.1,icmp:echo-requestx,2.2.2.2", "Cannot parse echo-requestx as an ICMP type/code." },
        {
            "net,port,net", "1.1.1.1,icmp:,2.2.2.2",
            "Syntax error: 'icmp:' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse 'icmp:' as a tcp port"
        },
        { "net,port,net", "1.1.1.1,icmp:300/1,2.2.2.2", "Syntax error: '300' is out of range 0-255" },
        { "net,port,net", "1.1.1.1,icmp:1/300,2.2.2.2", "Syntax error: '300' is out of range 0-255" },
        { "net,port,net", "1.1.1.1,icmp:x/y,2.2.2.2", "Syntax error: 'x' is invalid as number" },
        { "net,port,net", "1.1.1.1,icmp:1/y,2.2.2.2", "Syntax error: 'y' is invalid as number" },
        { "net,port,net", "1.1.1.1,icmp:1/,2.2.2.2", "Cannot parse 1/ as an ICMP type/code." },
        { "net,port,net", "1.1.1.1,icmp:/1,2.2.2.2", "Cannot parse /1 as an ICMP type/code." },
        { "net,port,net", "1.1.1.1,icmp:1/2/3,2.2.2.2", "Syntax error: '2/3' is invalid as number" },
        { "net,port,net", "1.1.1.1,icmp:8,2.2.2.2", "Cannot parse 8 as an ICMP type/code." },
        { "net,port,net", "1.1.1.1,icmp:xx,2.2.2.2", "Cannot parse xx as an ICMP type/code." },
        { "net,port,net", "1.1.1.1,icmpv6:ping,2.2.2.2", "Syntax error: Protocol ICMPv6 can be used with family inet6 only" },
        { "net,port,net", "1.1.1.1,ICMPV6:ping,2.2.2.2", "Syntax error: Protocol ICMPv6 can be used with family inet6 only" },
        { "net,port,net", "1.1.1.1,ipv6-icmp:ping,2.2.2.2", "Syntax error: Protocol ICMPv6 can be used with family inet6 only" },
        { "net,port,net", "1.1.1.1,58:ping,2.2.2.2", "Syntax error: Protocol ICMPv6 can be used with family inet6 only" },
        { "net,port,net", "1.1.1.1,icmpv6:ping,x/33", "Syntax error: Protocol ICMPv6 can be used with family inet6 only" },
        { "net,port,net6", "::1,icmp:ping,::2", "Syntax error: Protocol ICMP can be used with family inet only" },
        {
            "net,port,net6", "::1,icmpv6:,::2",
            "Syntax error: 'icmpv6:' is invalid as number\n"
            + "Syntax error: 'tcp' is invalid as number\n"
            + "cannot parse 'icmpv6:' as a tcp port"
        },
        { "net,port,net6", "::1,icmpv6:x,::2", "Cannot parse x as an ICMPv6 type/code." },
        { "net,port,net6", "::1,tcp:80,1.1.1.1", "Syntax error: cannot parse 1.1.1.1: resolving to IPv6 address failed" },
        { "net,port,net6", "::1-::2,tcp:80,::1", "Syntax error: IP address or IP/cidr must be specified: ::1-::2" },
        { "net6", "::1-::2", "Syntax error: IP address or IP/cidr must be specified: ::1-::2" },
        { "net6", "::1/129", "Syntax error: '129' is out of range 0-128" },
        { "net6", "1.2.3.4", "Syntax error: cannot parse 1.2.3.4: resolving to IPv6 address failed" },
        { "net6", "fe80::1%lo", "Syntax error: cannot parse fe80::1%lo: resolving to IPv6 address failed" },
        { "net6", "2001:db8::g", "Syntax error: cannot parse 2001:db8::g: resolving to IPv6 address failed" },
        { "net6", "localhost", "Syntax error: cannot parse localhost: resolving to IPv6 address failed" },
        { "net6", "foo.invalid", "Syntax error: cannot parse foo.invalid: resolving to IPv6 address failed" },
        { "net6", "[foo-bar]", "Syntax error: cannot parse foo-bar: resolving to IPv6 address failed" },
        { "net6", "foo-bar", "Syntax error: IP address or IP/cidr must be specified: foo-bar" },
        { "net6", "-::1", "Syntax error: cannot parse -::1: resolving to IPv6 address failed" },
        { "net6", "::1-", "Syntax error: cannot parse ::1-: resolving to IPv6 address failed" },
        { "net6", "[::1]-[::2]", "Syntax error: IP address or IP/cidr must be specified: [::1]-[::2]" },
        { "net6", "[a-b]-c", "Syntax error: IP address or IP/cidr must be specified: [a-b]-c" },
        { "net6", "[::1", "Syntax error: cannot find closing escape character ']' in [::1" },
        { "net,net6", "::1,1-2", "Syntax error: IP address or IP/cidr must be specified: 1-2" },
        {
            "list", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "Syntax error: setname 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is longer than 31 characters"
        },
        { "list", "a,b", "you must specify elements as setname,[before|after],setname" },
        { "list", "a,Before,nn", "you must specify elements as setname,[before|after],setname" },
        { "list", "a,before", "you must specify elements as setname,[before|after],setname" },
        { "list", "a,,nn", "you must specify elements as setname,[before|after],setname" },
        {
            "list", "a,before,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "Syntax error: setname 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is longer than 31 characters"
        },
        {
            "list", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,before,a",
            "Syntax error: setname 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is longer than 31 characters"
        },
        { "list", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,b", "you must specify elements as setname,[before|after],setname" },
        { "list", "a,x,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "you must specify elements as setname,[before|after],setname" },
        { "net", "1.2.3.4\0", "Syntax error: cannot parse 1.2.3.4\0: resolving to IPv4 address failed" },
        { "net6", "::1\0", "Syntax error: cannot parse ::1\0: resolving to IPv6 address failed" },
        { "list", "a b", "Syntax error: 'a b' is no set name: 1 to 31 of A-Z a-z 0-9 _ . : + ~ @ # % = , / -" },
        { "list", "", "Syntax error: '' is no set name: 1 to 31 of A-Z a-z 0-9 _ . : + ~ @ # % = , / -" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void The_message_is_that_of_ipset(string set, string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => IpsetElementTests.Parse(set, text)).Message);
}
