/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin for tests, played by the test program itself when it is started with FAKE_PLUGIN set: to
 * 5 or 6, a protocol to speak well, or to a way of going wrong.
 */
#ifndef LOAM_TEST_FAKE_PLUGIN_H
#define LOAM_TEST_FAKE_PLUGIN_H

/*
 * garbage: greets with nonsense; silent: ends at once; tls: wants a certificate checked; crash:
 * ends in the middle of a plan; short: answers with half a message.
 */
int fake_plugin_main(const char *mode);

#endif
