// The front door: what a program that serves or opens connections with Weir includes.
// test/example/echo_server.cc is a whole one; docs/library.md tells the rest. Coroutines are weir/co/program.h.
#pragma once

#include <weir/run/process.h>
#include <weir/stack/application.h>
