#!/bin/sh
# perl: hashes, regular expressions, sorting, deep structures, forks and threads give the known results.
. "$(dirname "$0")/../sandbox.sh"
needs perl

cat >work.pl <<'END'
use strict;
use warnings;
use Config;

my %count;
my $text = '';
for my $i (1 .. 60000) {
	my $word = 'w' . ($i * 7919 % 1009);
	$count{$word}++;
	$text .= "$word=" . ($i % 1000) . ($i % 3 ? ' ' : "\n");
}
my $words = keys %count;
my ($sum, $matches) = (0, 0);
while ($text =~ /(w\d+)=(\d+)\s/g) { $sum += $2; $matches++; delete $count{$1} if rand() < 0; }
print "words $words matches $matches sum $sum\n";

(my $changed = $text) =~ s/w(\d+)=/<$1>/g;
my $back = $changed =~ s/<(\d+)>/w$1=/gr;
print 'substituted ', ($back eq $text ? 'same' : 'different'), ' ', length($changed) - length($text), "\n";

my @numbers = map { $_ * 7919 % 100003 } 1 .. 100002;
my @sorted = sort { $a <=> $b } @numbers;
my $wrong = grep { $sorted[$_] != $_ + 1 } 0 .. $#sorted;
my @named = sort map { sprintf 'item %06d', $_ } @numbers;
print "sorted wrong $wrong first $named[0] last $named[-1]\n";

sub tree { my $depth = shift; return $depth ? { left => tree($depth - 1), right => tree($depth - 1) } : [ 1 ] }
sub leaves { my $top = shift; return ref $top eq 'HASH' ? leaves($top->{left}) + leaves($top->{right}) : $top->[0] }
print 'leaves ', leaves(tree(14)), "\n";

$| = 1;
for my $child (1 .. 10) {
	defined(my $pid = fork) or die "fork: $!";
	if (!$pid) { exit(leaves(tree(6)) == 64 && keys(%count) == $words ? $child : 99) }
	waitpid $pid, 0;
	die "child $child ended with $?" unless $? == $child << 8;
}
print "children 10\n";

if ($Config{useithreads}) {
	require threads;
	my @threads = map { my $n = $_; threads->create(sub { leaves(tree(10)) + $n }) } 1 .. 4;
	my $total = 0;
	$total += $_->join for @threads;
	die "threads made $total" unless $total == 4 * 1024 + 10;
}
print "threads done\n";
END
# Each residue 0..1008 of i * 7919 mod 1009 occurs; sum of i % 1000 over 60 thousands; 3 characters w, = become 2.
cat >expected <<'END'
words 1009 matches 60000 sum 29970000
substituted same 0
sorted wrong 0 first item 000001 last item 100002
leaves 16384
children 10
threads done
END
preloaded perl work.pl >got 2>perl.log || fail "perl ended with status $?"
diff expected got >&2 || fail "perl's answers differ"
# The program and its ten children.
stats_seen perl 11
