// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"
#include "crypto/signature.hpp"
#include "protocol/ohttp/chunked.hpp"
#include "protocol/replay/replay_set.hpp"
#include "trust/service/gateway_keys.hpp"

namespace openpcc::gateway {

struct KeyTimes {
    Seconds rotation{3600};  // a new key this often
    Seconds overlap{600};    // an old key still opens for this long, so that no request in flight is lost
};

// KeyRing holds the gateway's OHTTP keys: made in memory, rotated, erased with their replay sets. One loop owns it.
class KeyRing final : public ohttp::KeySource {
  public:
    // kems: one key each per generation; the first generation is made at once.
    static Result<std::unique_ptr<KeyRing>> make(std::vector<hpke::Kem> kems, crypto::SigningKey service_key, KeyTimes times,
                                                 std::size_t replay_capacity, Random& random, TimePoint now);

    const ohttp::GatewayKey* find(std::uint8_t key_id) const override;
    bool admit(std::uint8_t key_id, ByteView enc) override;

    // rotate makes the next generation when it is due, or when a replay set fills early, and erases what is past; call it every second or so.
    Result<void> rotate(TimePoint now);
    // renew makes the next generation now (an operator's command; tests).
    Result<void> renew(TimePoint now);
    // document is the signed list of the newest generation's keys, the same bytes for every client.
    const Bytes& document() const { return document_; }

  private:
    struct Live {
        ohttp::GatewayKey key;
        replay::ReplaySet seen;
        TimePoint erased_at;
        std::uint64_t generation;
    };
    KeyRing(std::vector<hpke::Kem> kems, crypto::SigningKey service_key, KeyTimes times, std::size_t replay_capacity,
            Random& random)
        : kems_(std::move(kems)),
          service_key_(std::move(service_key)),
          times_(times),
          replay_capacity_(replay_capacity),
          random_(random) {}
    std::uint8_t next_id();

    std::vector<hpke::Kem> kems_;
    crypto::SigningKey service_key_;
    KeyTimes times_;
    std::size_t replay_capacity_;
    Random& random_;
    std::vector<std::unique_ptr<Live>> live_;
    TimePoint renew_at_;
    std::uint8_t last_id_ = 0;
    std::uint64_t generation_ = 0;
    Bytes document_;
};

}  // namespace openpcc::gateway
