// SPDX-License-Identifier: Apache-2.0
#include "cli/packets/capture.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "cli/packets/walk_text.h"

namespace skiff::cli {
namespace {

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_status(errno, "write packets");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

trace::PcapngDirection direction_of(uint8_t hook) {
  if (hook == SKIFF_HOOK_FROM_POD || hook == SKIFF_HOOK_FROM_DEVICE)
    return trace::PcapngDirection::kInbound;
  if (hook == SKIFF_HOOK_TO_POD || hook == SKIFF_HOOK_TO_DEVICE)
    return trace::PcapngDirection::kOutbound;
  return trace::PcapngDirection::kUnknown;
}

// The same at every hook the packet passes, unless its ends are translated.
uint64_t packet_id(const skiff_tap_event& event) {
  return static_cast<uint64_t>(event.tcp_sequence) << 32 |
         (event.ip_identification ^ event.packet_hash);
}

std::string system_name() {
  utsname name{};
  ::uname(&name);
  return fmt::format("{} {}", name.sysname, name.release);
}

}  // namespace

std::string CaptureWriter::begin(const std::string& command) const {
  std::string bytes = trace::encode(trace::PcapngHeader{
      .hardware = "", .os = system_name(), .application = "skiff capture", .comment = command});
  std::vector<trace::PcapngName> known;
  for (const auto& [address, name] : names_.dns_names()) known.push_back({address, name});
  if (!known.empty()) bytes += trace::encode(known);
  return bytes;
}

std::string CaptureWriter::take(const std::string& node, const trace::TapMessage& message) {
  if (const auto* place = std::get_if<trace::TapPlace>(&message)) {
    const auto number = static_cast<uint32_t>(interfaces_.size());
    interfaces_[{node, place->number}] = number;
    received_.push_back(0);
    const std::string pod = place->pod.empty() ? "" : place->pod + ":";
    return trace::encode(trace::PcapngInterface{
        .name = fmt::format("{}/{}{}", node, pod, place->interface),
        .description = place->pod.empty() ? fmt::format("device of {}", node)
                                          : fmt::format("pod {} on {}", place->pod, node),
        .comment = "",
        .snap = snap_});
  }
  if (const auto* packet_seen = std::get_if<trace::TapPacket>(&message)) {
    const auto interface = interfaces_.find({node, packet_seen->place});
    if (interface == interfaces_.end() || packet_seen->bytes.empty() || full()) return "";
    return packet(interface->second, *packet_seen);
  }
  if (const auto* tally = std::get_if<trace::TapTally>(&message)) tallies_[node] = *tally;
  return "";
}

std::string CaptureWriter::end() const {
  std::string bytes;
  std::map<std::string, trace::TapTally> untold = tallies_;
  for (const auto& [key, interface] : interfaces_)
    bytes += trace::encode(
        trace::PcapngStatistics{.interface = interface,
                                .time = std::chrono::system_clock::now(),
                                .received = received_[interface],
                                .dropped = std::exchange(untold[key.first], {}).all_lost()});
  return bytes;
}

uint64_t CaptureWriter::lost() const {
  uint64_t lost = 0;
  for (const auto& [node, tally] : tallies_) lost += tally.all_lost();
  return lost;
}

std::string CaptureWriter::packet(uint32_t interface, const trace::TapPacket& packet) {
  const skiff_tap_event& event = packet.event;
  const Sighting seen{.node = "", .place = {}, .packet = packet, .arrived = {}};
  std::string comment = fmt::format("{}: {}; {}", hook_name(event.header.hook),
                                    names_.path(event.after), verdict_name(seen));
  const std::string before = names_.path(event.before);
  if (before != names_.path(event.after)) comment += "; came as " + before;
  ++packets_;
  ++received_[interface];
  return trace::encode(trace::PcapngPacket{
      .interface = interface,
      .time = packet.time,
      .bytes = packet.bytes,
      .length = event.header.length,
      .direction = direction_of(event.header.hook),
      .comment = std::move(comment),
      .id = packet_id(event),
      .tc_verdict = static_cast<uint64_t>(static_cast<int64_t>(event.verdict))});
}

Status capture(const CaptureOptions& options) {
  ASSIGN_OR_RETURN(const TapPlan plan, plan_taps(options.tap));
  const ClusterNames names(plan.objects, options.tap.namespace_);
  UniqueFd file;
  int fd = STDOUT_FILENO;
  if (options.file != "-") {
    file.reset(::open(options.file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return errno_status(errno, "open " + options.file);
    fd = file.get();
  }
  CaptureWriter writer(names, options.tap.snap, options.tap.count);
  RETURN_IF_ERROR(write_all(fd, writer.begin("skiff capture " + options.tap.filter)));
  Status written = absl::OkStatus();
  RETURN_IF_ERROR(run_taps(
      plan,
      [&](const std::string& node, const trace::TapMessage& message) {
        if (written.ok()) written = write_all(fd, writer.take(node, message));
      },
      [&] { return !written.ok() || writer.full(); }));
  RETURN_IF_ERROR(written);
  RETURN_IF_ERROR(write_all(fd, writer.end()));
  fmt::print(stderr, "{} packets, {} lost{}\n", writer.packets(), writer.lost(),
             options.file == "-" ? "" : ", in " + options.file);
  return absl::OkStatus();
}

}  // namespace skiff::cli
