/* A handshake and a few bytes against Weir's TCP, without a network: gcc harness_client.c $(pkg-config ... weir-harness) */
#include <stdio.h>
#include <string.h>
#include <weir/testing/harness.h>

static void show(weir_harness* host) {
  unsigned char packet[2048];
  uint64_t at;
  int length;
  while ((length = weir_next_packet(host, packet, sizeof packet, &at)) > 0)
    printf("%.6f  %d bytes, flags %02x\n", (double)at / 1e9, length, packet[33]); /* IPv4 header: 20 bytes */
}

int main(void) {
  weir_settings* settings = weir_settings_new();
  weir_settings_set(settings, "iss", "1000");
  weir_settings_set(settings, "syn_options", "mss,nop,nop,sackOK,nop,wscale");
  weir_settings_set(settings, "timestamps", "false");
  weir_harness* host;
  if (weir_harness_new(settings, &host) != WEIR_OK) return puts(weir_start_error()), 1;
  weir_add_address(host, "192.0.2.1", 1500);
  weir_connection connection;
  weir_connect(host, NULL, 0, "192.0.2.2", 80, NULL, &connection); /* a SYN leaves at 0 s */
  weir_advance(host, 3500000000u);                                /* nobody answers: again at 1 s and 3 s */
  show(host);
  weir_info info = {.size = sizeof info};
  weir_get_info(host, connection, &info);
  printf("%s, the next SYN after %u ms\n", info.state, info.rto_ms);
  weir_abort(host, connection);
  weir_settings_free(settings);
  return weir_harness_free(host) == 0 ? 0 : 1;
}
