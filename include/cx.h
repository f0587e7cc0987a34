/* SPDX-License-Identifier: MIT */
/** @file cx.h
 *  The one documented include of libcx. */
#ifndef CX_H
#define CX_H

#include <cx/context.h>
#include <cx/table.h>
#include <cx/model.h>
#include <cx/metric.h>
#include <cx/party.h>
#include <cx/event.h>
#include <cx/content.h>
#include <cx/preference.h>
#include <cx/permission.h>
#include <cx/profile.h>
#include <cx/format.h>
#include <cx/store.h>
#include <cx/history.h>
#include <cx/lifecycle.h>
#include <cx/stage.h>
#include <cx/ranker.h>
#include <cx/base.h>

#endif
