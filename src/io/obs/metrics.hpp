// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "io/obs/label.hpp"
#include "io/obs/log.hpp"

namespace openpcc::obs {

class Metric;

// Registry lists the metrics of a process and writes them in Prometheus' text format. Any thread; it outlives them.
class Registry {
  public:
    std::string dump() const;

  private:
    friend class Metric;
    mutable std::mutex mutex_;
    std::vector<const Metric*> metrics_;
};

// Metric has a name and a help text of our own source. It lives in one place and counts without a lock.
class Metric {
  public:
    Metric(const Metric&) = delete;
    Metric& operator=(const Metric&) = delete;

  protected:
    Metric(Registry& registry, Label name, Label help, Label type);
    virtual ~Metric();
    // append_value writes one sample line; `labels` is empty or `{key="value"}`.
    void append_value(std::string& out, std::string_view labels, std::int64_t value) const;

  private:
    friend class Registry;
    virtual void append_values(std::string& out) const = 0;
    Registry& registry_;
    const Label name_;
    const Label help_;
    const Label type_;
};

// Counter only grows.
class Counter final : public Metric {
  public:
    Counter(Registry& registry, Label name, Label help) : Metric(registry, name, help, "counter") {}
    ~Counter() override = default;
    void add(std::uint32_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }

  private:
    void append_values(std::string& out) const override {
        append_value(out, {}, value_.load(std::memory_order_relaxed));
    }
    std::atomic<std::int64_t> value_{0};
};

// Gauge is a present amount.
class Gauge final : public Metric {
  public:
    Gauge(Registry& registry, Label name, Label help) : Metric(registry, name, help, "gauge") {}
    ~Gauge() override = default;
    void add(std::int32_t change) { value_.fetch_add(change, std::memory_order_relaxed); }
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }

  private:
    void append_values(std::string& out) const override {
        append_value(out, {}, value_.load(std::memory_order_relaxed));
    }
    std::atomic<std::int64_t> value_{0};
};

// CounterBy counts each value of an enum apart: `CounterBy<Category, Category::kInternal>`, the last enumerator.
template <NamedEnum E, E kLast>
class CounterBy final : public Metric {
  public:
    CounterBy(Registry& registry, Label name, Label help, Label key)
        : Metric(registry, name, help, "counter"), key_(key) {}
    ~CounterBy() override = default;
    void add(E value) { values_.at(static_cast<std::size_t>(value)).fetch_add(1, std::memory_order_relaxed); }

  private:
    void append_values(std::string& out) const override {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            std::string labels = "{";
            labels.append(key_.text()).append("=\"").append(to_string(static_cast<E>(i))).append("\"}");
            append_value(out, labels, values_[i].load(std::memory_order_relaxed));
        }
    }
    const Label key_;
    std::array<std::atomic<std::int64_t>, static_cast<std::size_t>(kLast) + 1> values_{};
};

}  // namespace openpcc::obs
