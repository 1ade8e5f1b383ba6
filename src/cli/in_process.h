/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `AWS_ENDPOINT_URL=loam:PATH`: the embedded IAM inside this process, reached without a socket.
 * One server is kept open per path for the life of the program.
 */
#ifndef LOAM_IN_PROCESS_H
#define LOAM_IN_PROCESS_H

#include "aws/aws.h"

const struct aws_transport *in_process_transport(void);

#endif
