# A file read in pieces of 4 KiB that stay in memory, each in a buffer of its own. usage: chunks.pl FILE
use strict;
use warnings;
open my $file, '<:raw', $ARGV[0] or die "$ARGV[0]: $!\n";
my (@chunks, $chunk, $sum);
push @chunks, $chunk while read $file, $chunk, 4096;
for (1 .. 3) {
	$sum = 0;
	$sum = ($sum + unpack '%32C*', $_) % 1000003 for @chunks;
	$_ = reverse $_ for @chunks;
}
print scalar(@chunks), " $sum\n";
