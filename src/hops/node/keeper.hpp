// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"
#include "io/net/task.hpp"
#include "protocol/replay/replay_set.hpp"
#include "protocol/seal/opening/opening.hpp"
#include "trust/statement/statement.hpp"

namespace openpcc::node {

// Attester is the report device: it makes evidence over report data. Only the keeper holds one.
class Attester {
  public:
    struct Evidence {
        Bytes report;
        std::vector<Bytes> certificates;  // that the report does not carry itself
    };
    virtual ~Attester() = default;
    virtual statement::TeeType tee() const = 0;
    virtual net::Task<Result<Evidence>> evidence(statement::ReportData report_data) = 0;
    // simulated evidence may be served over loopback only.
    virtual bool simulated() const = 0;
};

// Keeper holds what must not leave: private keys and the replay sets. Workers reach it through this interface alone, so
// that it can become a process of its own; everything that crosses is bytes or a secret of one request.
class Keeper {
  public:
    virtual ~Keeper() = default;

    // unwrap opens the request secret for the entry of a reduced header: the key must be live (seal.unknown_key), its enc
    // new (seal.replayed; seal.replay_set_full), the snapshot known (seal.unknown_snapshot).
    virtual Result<seal::Unwrapped> unwrap(const seal::ReducedHeader& header) = 0;
    // attest makes an evidence bundle for one of the live statements under a client's challenge. It may take seconds.
    virtual net::Task<Result<Bytes>> attest(seal::StatementName name, statement::Challenge challenge) = 0;

    struct Status {
        seal::StatementName statement;       // the current one
        std::vector<seal::KeyId> current;    // its keys
        std::vector<seal::KeyId> live;       // all that still open
        Digest256 model;
    };
    virtual Status status() const = 0;
    virtual bool simulated() const = 0;
};

// Identity is what the node says of itself besides its keys.
struct Identity {
    std::string release;
    Digest256 model;
    Digest256 engine_profile;
    statement::Isolation isolation = statement::Isolation::kSharedWorker;
};

struct KeyTimes {
    Seconds rotation{3000};
    Seconds overlap{600};  // rotation + overlap <= 1 h: what a statement may claim
};

// LocalKeeper is the keeper in the worker's own process. One loop owns it.
class LocalKeeper final : public Keeper {
  public:
    static Result<std::unique_ptr<LocalKeeper>> make(Identity identity, std::vector<hpke::Kem> kems, KeyTimes times,
                                                     std::size_t replay_capacity, std::unique_ptr<Attester> attester,
                                                     Random& random, TimePoint now);

    Result<seal::Unwrapped> unwrap(const seal::ReducedHeader& header) override;
    net::Task<Result<Bytes>> attest(seal::StatementName name, statement::Challenge challenge) override;
    Status status() const override;
    bool simulated() const override { return attester_->simulated(); }

    // rotate makes the next generation when it is due, or when a replay set fills early, and erases what is past. Both
    // clocks decide, and the first one that says so: the host sets `now` and may stop or turn it back, so that `awake`
    // alone says for certain that a key has lived its time.
    using Awake = std::chrono::steady_clock::time_point;
    Result<void> rotate(TimePoint now, Awake awake = std::chrono::steady_clock::now());
    Result<void> renew(TimePoint now, Awake awake = std::chrono::steady_clock::now());

  private:
    struct Live {
        hpke::PrivateKey key;
        seal::KeyId id;
        replay::ReplaySet seen;
    };
    struct Generation {
        statement::Core core;
        seal::StatementName name;
        std::vector<Live> keys;
        TimePoint erased_at;
        Awake erased_by;
        bool past(TimePoint now, Awake awake) const { return now >= erased_at || awake >= erased_by; }
    };
    LocalKeeper(Identity identity, std::vector<hpke::Kem> kems, KeyTimes times, std::size_t replay_capacity,
                std::unique_ptr<Attester> attester, Random& random);

    Identity identity_;
    std::vector<hpke::Kem> kems_;
    KeyTimes times_;
    std::size_t replay_capacity_;
    std::unique_ptr<Attester> attester_;
    Random& random_;
    std::vector<std::unique_ptr<Generation>> generations_;  // the newest last
    TimePoint renew_at_;
    Awake renew_by_;
};

}  // namespace openpcc::node
