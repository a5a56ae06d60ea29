/* One TCP host of Weir without devices and without real time, for test tools: a plain C interface (C, C++, Python's
 * ctypes, Go), in libweir-harness.so.
 *
 * In: IP packets, calls of an application, time. Out: IP packets with the virtual time at which each was sent, events,
 * the next deadline. Nothing happens by itself: no thread, no clock, no file, no network. With the same settings and
 * the same calls every run gives the same packets.
 *
 * Threads: a harness and what was made from it belong to one thread at a time. Different harnesses may be driven by
 * different threads, but create and destroy them one after another. weir_settings objects likewise.
 *
 * Memory: whatever is passed in stays the caller's and is copied before the call returns; whatever comes out is
 * written to the caller's memory. Only weir_harness and weir_settings are made and destroyed here. Texts returned
 * (const char*) last as long as the library is loaded.
 *
 * DPDK's EAL is started by the first weir_harness_new(), in this process only, without huge pages, devices, shared
 * configuration or root; one that the program has started is used as it is. It runs until the process ends.
 *
 * Results: calls return WEIR_OK (0) or a count, or one of the negative errors below. docs/testing.md has an example.
 * The interface grows at its end only; WEIR_HARNESS_ABI changes when that is not enough. */
#ifndef WEIR_HARNESS_H
#define WEIR_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_HARNESS_ABI 1
#define WEIR_API __attribute__((visibility("default")))

enum weir_error {
  WEIR_OK = 0,
  WEIR_E_ARGUMENT = -1,  /* a null pointer, a text that cannot be read, time that runs backwards */
  WEIR_E_KEY = -2,       /* no setting or option of that name */
  WEIR_E_VALUE = -3,     /* not a value of that setting, or out of its range */
  WEIR_E_STALE = -4,     /* the connection was released, or the listener stopped */
  WEIR_E_ADDRESS = -5,   /* not one of this host's, or none that a connection can go to */
  WEIR_E_IN_USE = -6,    /* address and port are taken */
  WEIR_E_RESOURCES = -7, /* connections, listeners, packets or memory are used up */
  WEIR_E_STATE = -8,     /* the call makes no sense in this state (RFC 9293, 3.10) */
  WEIR_E_ROOM = -9,      /* what is to come out is longer than the buffer; it stays and can be asked for again */
  WEIR_E_END = -10,      /* everything was received, and the peer has closed its direction */
  WEIR_E_START = -11     /* EAL does not start; weir_start_error() says why */
};
WEIR_API const char* weir_error_text(int error); /* never null */
WEIR_API const char* weir_start_error(void);     /* of the last WEIR_E_START of this process; "" before */
WEIR_API uint32_t weir_harness_abi(void);        /* WEIR_HARNESS_ABI of the library */

/* --- settings by name ---
 * Keys and ranges are those of [tcp] in the configuration (docs/configuration.md), all constants of the algorithms
 * among them. Besides, for what the other end sees and for the host:
 *   iss                    ISN of the connections opened with these settings; "random": RFC 6528's (default)
 *   timestamp_start        TSval at time 0; it counts milliseconds from there; "random" (default): a keyed hash
 *   fixed_window_bytes     announced in every segment while the buffer has room for so much; 0 (default): what fits
 *   syn_options            order and padding in SYN and SYN-ACK, "mss,sackOK,TS,nop,wscale"; names as tcpdump's, and
 *                          "nop" and "eol"; those not named follow behind; "" (default): MSS first
 *   host.connections       1 to 65536 (256);  host.half_open, host.time_wait: likewise (256, 1024)
 *   host.packets           63 to 65535 (1023): buffers of 2 KiB for all that is queued in the host
 *   host.seed              of what is drawn at random (1)
 * Values are text: numbers in decimal, "true", "false", names. host.* keys matter to weir_harness_new() only. */
typedef struct weir_settings weir_settings;
WEIR_API weir_settings* weir_settings_new(void); /* the defaults; null: out of memory */
WEIR_API void weir_settings_free(weir_settings* settings);
WEIR_API int weir_settings_set(weir_settings* settings, const char* key, const char* value);
/* The value as text with its terminating zero. */
WEIR_API int weir_settings_get(const weir_settings* settings, const char* key, char* into, size_t room);
/* The keys, one after another from index 0; null behind the last. */
WEIR_API const char* weir_settings_key(size_t index);

/* --- a host --- */
typedef struct weir_harness weir_harness;
typedef uint64_t weir_connection; /* 0: none */
typedef int32_t weir_listener;

/* `settings` (null: the defaults) are copied, and are those of every connection that is not given its own. The clock
 * stands at 0. */
WEIR_API int weir_harness_new(const weir_settings* settings, weir_harness** harness);
/* Returns how many packet buffers were not given back: 0, or there is a leak. */
WEIR_API int weir_harness_free(weir_harness* harness);
/* "192.0.2.1" or "2001:db8::1"; `mtu` from 68 to 9216 is that of the way out. */
WEIR_API int weir_add_address(weir_harness* harness, const char* address, uint16_t mtu);

/* --- packets: whole IP packets from the IP header on, checksums included --- */
/* Handled at once, at the present time. At most WEIR_PACKET_MAX bytes. What the host makes of it (and if it drops it)
 * shows in packets, events and counters; WEIR_OK says only that it was handed in. */
#define WEIR_PACKET_MAX 2048
WEIR_API int weir_inject(weir_harness* harness, const void* packet, size_t length);
/* Keeps the packet until the next weir_inject(): both arrive in one burst, in order, as from a NIC's queue. At most
 * WEIR_BURST_MAX wait; WEIR_E_RESOURCES beyond. */
#define WEIR_BURST_MAX 31
WEIR_API int weir_inject_with_next(weir_harness* harness, const void* packet, size_t length);
/* The next packet that the host has sent, oldest first, and when (nanoseconds, may be null): returns its length, 0
 * when there is none. They wait until they are taken, 65536 of them at most; "harness.discarded" counts what is more.
 */
WEIR_API int weir_next_packet(weir_harness* harness, void* into, size_t room, uint64_t* sent_at_ns);

/* --- time, in nanoseconds from 0 --- */
WEIR_API uint64_t weir_now(const weir_harness* harness);
/* Does all that is due up to `to_ns`, each thing at its own time. */
WEIR_API int weir_advance(weir_harness* harness, uint64_t to_ns);
/* 1 and the time (not before now) of the next thing that is due, 0 when nothing is. It may turn out that nothing is
 * to be done then. */
WEIR_API int weir_next_deadline(const weir_harness* harness, uint64_t* at_ns);

/* --- opening (`settings` null: the host's) --- */
/* `address`: one of the host's; "0.0.0.0" or "::" for all of that family. `backlog`: how many connections may wait for
 * weir_accept(). */
WEIR_API int weir_listen(weir_harness* harness, const char* address, uint16_t port, uint32_t backlog,
                         const weir_settings* settings, weir_listener* listener);
WEIR_API int weir_stop_listening(weir_harness* harness, weir_listener listener); /* what waits is reset */
/* 0 when none waits, else the next connection. */
WEIR_API weir_connection weir_accept(weir_harness* harness, weir_listener listener);
/* `local` null: the host's first address of the family; `local_port` 0: one is chosen. */
WEIR_API int weir_connect(weir_harness* harness, const char* local, uint16_t local_port, const char* remote,
                          uint16_t remote_port, const weir_settings* settings, weir_connection* connection);

/* --- a connection; its name is good until close or abort, whatever happened to it meanwhile --- */
/* Bytes taken, 0 to `length`: fewer where the send buffer is full (WEIR_WRITABLE tells when to go on). WEIR_E_STATE
 * where nothing will ever be taken. */
WEIR_API int64_t weir_send(weir_harness* harness, weir_connection connection, const void* bytes, size_t length);
/* Bytes read; 0 where none wait now; WEIR_E_END where none will. */
WEIR_API int64_t weir_receive(weir_harness* harness, weir_connection connection, void* into, size_t room);
enum weir_direction { WEIR_SEND = 1, WEIR_RECEIVE = 2, WEIR_BOTH = 3 };
/* WEIR_SEND: FIN after what is queued. WEIR_RECEIVE: WEIR_E_END once what waits is read. */
WEIR_API int weir_shutdown(weir_harness* harness, weir_connection connection, int direction);
WEIR_API int weir_close(weir_harness* harness,
                        weir_connection connection); /* lets go: FIN, or RST where text is unread */
WEIR_API int weir_abort(weir_harness* harness, weir_connection connection); /* RST, where the state has one */
/* On a connection, now: nagle, keepalive, keepalive_idle_ms, keepalive_interval_ms, keepalive_probes, user_timeout_ms,
 * data_retries, delayed_ack_ms, dscp, ttl or error_reports; text as above. */
WEIR_API int weir_set_option(weir_harness* harness, weir_connection connection, const char* key, const char* value);

/* --- events: what happened, once for each connection or listener however many packets caused it --- */
enum weir_event_bits {
  WEIR_OPENED = 1,      /* an active open is complete */
  WEIR_READABLE = 2,    /* new bytes, or the end, to be received */
  WEIR_WRITABLE = 4,    /* room again after weir_send() took less than offered */
  WEIR_PEER_CLOSED = 8, /* the peer's FIN came */
  WEIR_CLOSED = 16,     /* it has ended: weir_info.reason says how */
  WEIR_SOFT_ERROR = 32, /* an ICMP error, or many retransmissions; the connection lives */
  WEIR_URGENT = 128     /* the peer announced urgent bytes, or more of them: see weir_info.urgent */
};
typedef struct weir_event {
  weir_connection connection; /* 0: `listener` has connections to accept */
  weir_listener listener;     /* -1: of a connection */
  uint32_t what;              /* weir_event_bits */
} weir_event;
WEIR_API int weir_next_event(weir_harness* harness, weir_event* event); /* 1: there was one; 0: none */

/* --- looking --- */
typedef struct weir_info {
  uint32_t size;   /* set by the caller: sizeof(weir_info); what the library does not know stays 0 */
  char state[16];  /* "ESTABLISHED", "FIN-WAIT-1", as RFC 9293 writes them */
  char reason[16]; /* "none", "normal", "reset", "refused", "timeout", "keep-alive", "unreachable", "aborted",
                      "no-resources" */
  char local[64], remote[64];                /* "192.0.2.1:80", "[2001:db8::1]:80" */
  uint32_t unsent, unacknowledged, unread;   /* bytes */
  uint32_t cwnd, ssthresh, snd_wnd, rcv_wnd; /* bytes */
  uint32_t srtt_us, rttvar_us, rto_ms;       /* srtt_us 0: not measured yet */
  uint32_t mss;                              /* effective send MSS, options taken off */
  uint32_t retries;                          /* retransmissions in a row without an answer */
  uint32_t backoff;                          /* doublings that rto_ms has in it */
  uint32_t sack, timestamps, window_scale;   /* agreed on: 1 */
  uint32_t snd_scale, rcv_scale;             /* shifts */
  uint32_t sacked, lost, out_of_order;       /* bytes: held by the peer, believed lost, beyond a hole */
  uint32_t in_recovery;                      /* from loss: 1 */
  uint32_t urgent;                           /* bytes to be read up to and including the last urgent one */
} weir_info;
WEIR_API int weir_get_info(const weir_harness* harness, weir_connection connection, weir_info* info);
/* A counter of TCP ("retransmit_segments"), a reason for drops ("tcp_checksum"), connections in a state ("TIME-WAIT"),
 * or the use of a pool ("pool.connections"). WEIR_E_KEY where there is none. docs/testing.md says where names stand. */
WEIR_API int64_t weir_count(const weir_harness* harness, const char* name);

/* --- urgent bytes (RFC 9293, 3.8.5) --- */
/* As weir_send(); the last byte that is taken is marked as urgent. */
WEIR_API int64_t weir_send_urgent(weir_harness* harness, weir_connection connection, const void* bytes, size_t length);

#ifdef __cplusplus
}
#endif
#endif
