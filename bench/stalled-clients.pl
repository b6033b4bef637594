# perl stalled-clients.pl PORT PATH CLIENTS SECONDS: so many clients ask 127.0.0.1 for the path, read
# the head of the answer and then nothing. In Perl, since Node sets no TCP_MAXSEG: with loopback's
# segments of 64 KiB the kernel takes 2.6 MB of each stalled answer in, and a thousand of them
# exhaust what it has for TCP. With a segment of Ethernet's size it takes as much as in a network.
use strict;
use warnings;
use Socket qw(:all);

# In lots, as a thousand at once would overflow the queue of connections that a server has yet to
# accept.
my $lot = 50;
my ($port, $path, $clients, $seconds) = @ARGV;
my $address = pack_sockaddr_in($port, inet_aton('127.0.0.1'));
my @answered;

local $SIG{ALRM} = sub { die scalar(@answered) . " of $clients clients were answered in 60 s\n" };
alarm 60;
while (@answered < $clients) {
  my $left = $clients - @answered;
  my @asking = map { ask() } 1 .. ($left < $lot ? $left : $lot);
  push @answered, map { read_head($_) } @asking;
}
alarm 0;
sleep $seconds;

sub ask {
  socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
  setsockopt($socket, IPPROTO_TCP, TCP_MAXSEG, 1448) or die "TCP_MAXSEG: $!\n";
  connect($socket, $address) or die "connect: $!\n";
  syswrite($socket, "GET $path HTTP/1.1\r\nHost: 127.0.0.1:$port\r\n\r\n");
  return $socket;
}

sub read_head {
  my ($socket) = @_;
  sysread($socket, my $head, 1024) or die "a client got no answer: $!\n";
  $head =~ m{^HTTP/1\.1 200 } or die "a client got $head\n";
  return $socket;
}
