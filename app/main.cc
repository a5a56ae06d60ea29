// The program `weir`: its command line.
#include <fmt/format.h>
#include <rte_version.h>
#include <CLI/CLI.hpp>

#include <weir/run/version.h>

#include "commands.h"

namespace weir::app {
namespace {

constexpr const char* kFooter =
    "Start with:\n"
    "  weir lb --config config/lb.toml --check      is this configuration right, and what will it take?\n"
    "  weir lb --config config/lb.toml              balance; Ctrl-C lets connections end, again stops at once\n"
    "  weir ctl services                            who serves, and how much\n"
    "  weir doctor --config config/lb.toml          what do this machine and its NICs lack?\n"
    "`weir COMMAND --help` tells more of each. Keys of the configuration: docs/configuration.md\n\n"
    "Exit codes: 0 done; 1 failed while running, or nobody answered; 2 the command line or the configuration\n"
    "cannot be used, or this machine lacks what the configuration asks for.";

constexpr const char* kRunFooter =
    "SIGTERM or SIGINT (Ctrl-C) drains: no new clients, those there may end within drain_deadline_ms. A second one "
    "stops\n"
    "at once. Logs go to standard error. The process needs the rights to open its devices: mostly root.\n\n"
    "Examples:\n"
    "  weir {0} --config config/{0}.toml --check\n"
    "  weir {0} --config config/{0}.toml\n"
    "  weir ctl --name {0} status";

constexpr const char* kCtlFooter =
    "Without --name or --socket the only process that runs is asked. Names are those of [process] name.\n\n"
    "Examples:\n"
    "  weir ctl status                              workers, ports, connections by state, pools, counters\n"
    "  weir ctl services                            services and their back ends\n"
    "  weir ctl connections --state ESTABLISHED     as `ss` would show them\n"
    "  weir ctl --name lb drops --all               every reason for which packets are dropped\n"
    "  weir ctl status --json | jq .counters        for programs\n"
    "  weir ctl drain                               no new clients; the process ends when all have gone";

void add_runner(CLI::App& app, const std::string& name, const std::string& does, RunOptions& options) {
  CLI::App* command = app.add_subcommand(name, does);
  command->add_option("-c,--config", options.config, "the configuration (TOML)")->required()->type_name("FILE");
  command->add_flag("--check", options.check,
                    "read the configuration, say what is wrong or what it will take, and end");
  command->add_flag("-v,--verbose", options.verbose, "log everything, DPDK's own messages too");
  command->footer(fmt::format(fmt::runtime(kRunFooter), name));
}

CLI::App* add_question(CLI::App& ctl, const std::string& name, const std::string& does, const std::string& example) {
  CLI::App* command = ctl.add_subcommand(name, does)->fallthrough();
  command->footer("--json, --name and --socket of `weir ctl` may stand here too.\n\nExample:\n  weir ctl " + example);
  return command;
}

void add_ctl(CLI::App& app, CtlOptions& options) {
  CLI::App* ctl = app.add_subcommand("ctl", "Ask or tell a running process");
  ctl->require_subcommand(1)->footer(kCtlFooter);
  ctl->add_flag("--json", options.json, "the answer as JSON");
  CLI::Option* socket = ctl->add_option("--socket", options.socket, "path of its control socket")->type_name("PATH");
  ctl->add_option("--name", options.name, "its name: the socket is /run/weir/NAME.sock")
      ->type_name("NAME")
      ->excludes(socket);
  const std::string all = "every drop reason, those that never occurred too";
  add_question(*ctl, "status", "Workers, ports, connections by state, pools, counters, drops", "status --json")
      ->add_flag("--all", options.all, all);
  add_question(*ctl, "services", "Services and back ends of a balancer, with their figures", "services --service web")
      ->add_option("--service", options.service, "this one only")
      ->type_name("NAME");
  CLI::App* connections = add_question(*ctl, "connections", "The table of connections, as `ss` would show it",
                                       "connections --state CLOSE-WAIT");
  connections->add_option("--state", options.state, "in this state only, as RFC 9293 names it")->type_name("STATE");
  connections->add_option("--service", options.service, "of this service only")->type_name("NAME");
  connections->add_flag("--all", options.all, "handshakes that have not completed, and TIME-WAIT, too");
  add_question(*ctl, "drops", "Packets dropped, by reason", "drops --all")->add_flag("--all", options.all, all);
  add_question(*ctl, "metrics", "What status tells, in the text format of Prometheus", "metrics --name lb");
  add_question(*ctl, "reload", "Read limits, lists and the secrets of SYN cookies again", "--name lb reload");
  add_question(*ctl, "drain", "No new clients; the process ends when those there have gone", "--name lb drain");
  add_question(*ctl, "stop", "End at once; open connections are reset", "--name lb stop");
}

constexpr const char* kDoctorFooter =
    "Each line is one finding: \"ok\", \"costs speed\" or \"does not work\", and below it what to type. Nothing is\n"
    "changed. With --config its ports are looked at instead of every NIC on PCI: those that DPDK can have, and\n"
    "net_af_packet, are opened for a moment (root); memory and CPUs are held against what it asks for.\n"
    "--json: {\"schema\": 1, \"verdict\", \"counts\", \"findings\": [{\"check\", \"title\", \"subject\", \"verdict\", "
    "\"text\",\n"
    "\"command\"}]}; \"check\" names are never changed.\n"
    "Exit codes: 0 nothing \"does not work\"; 1 something does not; 2 the command line or the configuration cannot be\n"
    "used.\n\n"
    "Examples:\n"
    "  weir doctor\n"
    "  weir doctor --config config/lb.toml\n"
    "  weir doctor --json | jq -r '.findings[] | select(.verdict != \"ok\") | .command'";

void add_doctor(CLI::App& app, DoctorOptions& options) {
  CLI::App* command = app.add_subcommand("doctor", "Say what this machine and its NICs lack, and what to type");
  command->add_option("-c,--config", options.config, "what is to run here (TOML)")->type_name("FILE");
  command->add_flag("--json", options.json, "the findings as JSON");
  command->footer(kDoctorFooter);
}

constexpr const char* kCpsFooter =
    "A line a second goes to standard error, the table to standard output. \"w\" marks seconds of warm-up. Ctrl-C "
    "ends\n"
    "the measurement; what was measured until then is shown, marked.\n\n"
    "Exit codes: 0 measured, every condition met; 1 a condition was not met, or it failed while running; 2 the "
    "command\n"
    "line or the configuration cannot be used, or this machine lacks what that asks for.\n\n"
    "Examples:\n"
    "  weir cps --config config/cps.toml --check\n"
    "  weir cps --config config/cps.toml --json out.json --expect \"errors <= 0.01%\" --expect \"p99 <= 5ms\"\n"
    "  weir cps --config config/cps.toml --repeat 5 --report out.html\n"
    "  weir cps --config config/cps.toml --find-max --p99-below-ms 5\n"
    "  weir cps compare before.json after.json";

void add_cps(CLI::App& app, CpsOptions& options) {
  CLI::App* command = app.add_subcommand("cps", "Measure connections per second, and what else a server can do");
  command->footer(kCpsFooter);
  command->add_option("-c,--config", options.run.config, "the configuration (TOML)")->type_name("FILE");
  command->add_flag("--check", options.run.check,
                    "read the configuration, say what is wrong or what it will take, and end");
  command->add_flag("-v,--verbose", options.run.verbose, "log everything, DPDK's own messages too");
  command->add_option("--json", options.json, "write the result (docs/cps.md)")->type_name("FILE");
  command->add_option("--report", options.report, "write a page that draws the result (HTML)")->type_name("FILE");
  command->add_option("--csv", options.csv, "write the figures of every second")->type_name("FILE");
  command->add_option("--expect", options.expect, "a condition for exit code 0, like \"p99 <= 5ms\"")
      ->type_name("CONDITION");
  CLI::Option* repeat = command->add_option("--repeat", options.repeat, "measure so often, with a confidence interval")
                            ->check(CLI::Range(1, 1000));
  command->add_flag("--find-max", options.find_max, "search the highest rate within the bounds")->excludes(repeat);
  command->add_option("--errors-below", options.errors_below, "bound of --find-max, a share")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--p99-below-ms", options.p99_below_ms, "bound of --find-max")->check(CLI::PositiveNumber);
  CLI::App* compare = command->add_subcommand("compare", "Two results side by side");
  compare->footer("Example:\n  weir cps compare before.json after.json");
  compare->add_option("A", options.compare_a, "result of --json")->required()->type_name("A.json");
  compare->add_option("B", options.compare_b, "another one")->required()->type_name("B.json");
  CLI::App* report = command->add_subcommand("report", "The page of --report, of a result that was kept");
  report->footer("Example:\n  weir cps report out.json out.html");
  report->add_option("RESULT", options.report_of, "result of --json")->required()->type_name("RESULT.json");
  report->add_option("PAGE", options.report, "the page to write")->required()->type_name("PAGE.html");
}

int run(const CLI::App& app, const RunOptions& lb, const RunOptions& serve, const CpsOptions& cps,
        const DoctorOptions& doctor, CtlOptions& ctl) {
  if (app.got_subcommand("lb")) return run_lb(lb);
  if (app.got_subcommand("serve")) return run_serve(serve);
  if (app.got_subcommand("cps")) {
    const CLI::App* command = app.get_subcommand("cps");
    if (command->got_subcommand("report")) return report_cps(cps);
    return command->got_subcommand("compare") ? compare_cps(cps) : run_cps(cps);
  }
  if (app.got_subcommand("doctor")) return run_doctor(doctor);
  ctl.command = app.get_subcommand("ctl")->get_subcommands().front()->get_name();
  return run_ctl(ctl);
}

int parse_and_run(int argc, char** argv) {
  CLI::App app("weir: a TCP front end and server that bypasses the kernel", "weir");
  RunOptions lb, serve;
  CpsOptions cps;
  CtlOptions ctl;
  DoctorOptions doctor;
  app.set_version_flag("-V,--version", fmt::format("weir {} ({})", run::version(), rte_version()));
  app.require_subcommand(1)->footer(kFooter);
  add_runner(app, "lb", "Balance clients' connections over servers", lb);
  add_runner(app, "serve", "Serve HTTP, echo, discard and chargen", serve);
  add_cps(app, cps);
  add_ctl(app, ctl);
  add_doctor(app, doctor);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUnusable;
  }
  return run(app, lb, serve, cps, doctor, ctl);
}

}  // namespace
}  // namespace weir::app

int main(int argc, char** argv) {
  try {
    return weir::app::parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "weir: {}\n", error.what());
    return weir::app::kFailed;
  }
}
