#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Verify every RSA signature of messages with Mail::DKIM, without DNS.
#
# verify_dkim.pl MESSAGE... RECORDS
#
# MESSAGE has CRLF line ends; RECORDS has lines `NAME TXT`. One line of output for
# each message, `pass` or `fail: reason`; exit 0 when all pass, else 1. Signatures
# of other kinds are passed over: this version of Mail::DKIM knows RSA only.
use strict;
use warnings;

use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS::RR;

my %records;

# what Mail::DKIM asks instead of the resolver
sub lookup {
    my ( $name, $type ) = @_;
    my $txt = $records{ lc $name } or return;
    return Net::DNS::RR->new(
        name    => $name,
        type    => 'TXT',
        txtdata => [ $txt =~ /.{1,255}/g ]
    );
}

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    local $/ = undef;
    return scalar <$file>;
}

sub verify {
    my ($message) = @_;
    my ($head) = $message =~ /\A(.*?\r\n)\r\n/s or return 'fail: no end of header';
    $head =~ s/\r\n[ \t]+/ /g;
    my $wanted = () = $head =~ /^DKIM-Signature:[^\r]*\ba=rsa/mig;
    my $dkim   = Mail::DKIM::Verifier->new;
    $dkim->PRINT($message);
    $dkim->CLOSE;
    my @found = grep { $_->algorithm =~ /^rsa/ } $dkim->signatures;
    return 'fail: no signature' if !$wanted;
    return 'fail: unreadable signature' if @found != $wanted;

    for my $signature (@found) {
        return 'fail: ' . $signature->result_detail if $signature->result ne 'pass';
    }
    return 'pass';
}

die "usage: $0 MESSAGE... RECORDS\n" if @ARGV < 2;
for ( split /\n/, slurp( pop @ARGV ) ) {
    my ( $name, $txt ) = split / /, $_, 2;
    $records{ lc $name =~ s/\.$//r } = $txt;
}
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = \&lookup;
}
my $bad = 0;
for my $path (@ARGV) {
    my $answer = verify( slurp($path) );
    print "$answer\n";
    $bad = 1 if $answer ne 'pass';
}
exit $bad;
