/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OG_SCAN_TEMPORARY_H
#define OG_SCAN_TEMPORARY_H

/*
 * og_scan_temporary - where a scanner unpacks: what is given; for "" memory, where the
 * system has a file system of it with so many bytes free, else /tmp
 *
 * libclamav makes a directory for each scan, which costs it more on a disk than a small
 * message does. Containers have 64 MB of memory there, which an archive may fill.
 */
const char *og_scan_temporary(const char *given, unsigned long long bytes);

#endif
