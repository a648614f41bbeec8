#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
#
# Read messages on standard input's behalf with MIME-tools, which knows nothing of
# Python's parser: verify_mime.pl MESSAGE prints one line a part, its depth in blanks,
# `type charset bytes-decoded`; exit 1 with what is wrong when a part is malformed.
use strict;
use warnings;

use MIME::Parser;
use MIME::WordDecoder;

my $parser = MIME::Parser->new;
$parser->output_to_core(1);
$parser->tmp_to_core(1);
my $entity = $parser->parse_open( $ARGV[0] );
my $results = $parser->results;
if ( $results->errors || $results->warnings ) {
    print join( "\n", $results->errors, $results->warnings ), "\n";
    exit 1;
}

sub show {
    my ( $part, $depth ) = @_;
    my $charset = $part->head->mime_attr('content-type.charset') // '-';
    my $size = $part->bodyhandle ? length $part->bodyhandle->as_string : 0;
    print ' ' x $depth, $part->effective_type, " $charset $size\n";
    show( $_, $depth + 1 ) for $part->parts;
    return;
}
show( $entity, 0 );
binmode STDOUT, ':encoding(UTF-8)';
print 'Subject: ', mime_to_perl_string( $entity->head->get('Subject') );
