// A C++17 program that lives on the heap: every STL container, exceptions, threads, over-aligned objects.
// Each part checks itself against a fact that is known without it and prints one line; the last line says all is well.
#include <algorithm>
#include <any>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <forward_list>
#include <functional>
#include <future>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>
#include <queue>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace
{

void check(bool ok, const std::string &what)
{
	if (!ok) {
		std::cout << "FAILED: " << what << std::endl;
		std::exit(1);
	}
	std::cout << what << '\n';
}

std::string text_of(std::uint64_t i)
{
	return std::string(1 + i % 61, static_cast<char>('a' + i % 26)) + std::to_string(i);
}

void maps_hold_what_was_put()
{
	std::map<std::string, std::vector<int>> ordered;
	std::unordered_map<std::string, int> hashed;
	for (int i = 0; i < 30000; i++) {
		ordered[text_of(i % 3000)].push_back(i);
		hashed[text_of(i)] = i;
	}
	long sum = 0;
	for (const auto &[key, values] : ordered)
		sum = std::accumulate(values.begin(), values.end(), sum);
	for (int i = 0; i < 30000; i += 2)
		hashed.erase(text_of(i));
	bool right = true;
	for (int i = 0; i < 30000; i++)
		right = right && hashed.count(text_of(i)) == static_cast<size_t>(i % 2);
	check(ordered.size() == 3000 && sum == 30000L * 29999 / 2 && right, "maps hold what was put");
}

void lists_and_queues_keep_order()
{
	std::list<std::string> list;
	std::forward_list<int> forward;
	std::deque<std::unique_ptr<int>> deque;
	std::priority_queue<std::string> heap;
	for (int i = 0; i < 20000; i++) {
		list.push_front(text_of(i));
		forward.push_front(i * 7919 % 20011);
		deque.push_back(std::make_unique<int>(i));
		heap.push(text_of(i));
		if (i % 3 == 0)
			deque.pop_front();
	}
	list.sort();
	forward.sort();
	bool right = std::is_sorted(list.begin(), list.end()) && std::is_sorted(forward.begin(), forward.end());
	for (auto it = list.rbegin(); it != list.rend(); ++it, heap.pop())
		right = right && *it == heap.top();
	for (size_t i = 0; i < deque.size(); i++)
		right = right && *deque[i] == static_cast<int>(i + 6667);
	check(right && deque.size() == 13333 && heap.empty(), "lists and queues keep order");
}

struct node {
	std::unique_ptr<node> left, right;
	std::uint64_t value;
	explicit node(std::uint64_t v) : value(v)
	{
	}
};

std::unique_ptr<node> tree(int depth, std::uint64_t value)
{
	auto top = std::make_unique<node>(value);
	if (depth > 0) {
		top->left = tree(depth - 1, value * 2);
		top->right = tree(depth - 1, value * 2 + 1);
	}
	return top;
}

std::uint64_t sum(const node *top)
{
	return top ? top->value + sum(top->left.get()) + sum(top->right.get()) : 0;
}

void trees_are_whole()
{
	bool right = true;
	for (int round = 0; round < 4; round++) {
		auto top = tree(16, 1);
		right = right && sum(top.get()) == ((1ull << 17) - 1) * (1ull << 17) / 2;
	}
	check(right, "trees are whole");
}

void strings_and_streams_agree()
{
	std::ostringstream out;
	for (int i = 0; i < 20000; i++)
		out << i << ' ' << std::string(i % 40, '.') << '\n';
	std::istringstream in(out.str());
	long sum = 0;
	std::string line;
	while (std::getline(in, line))
		sum += std::stol(line);
	check(sum == 20000L * 19999 / 2, "strings and streams agree");
}

struct alignas(64) line_aligned {
	char bytes[192];
};
struct alignas(4096) page_aligned {
	char bytes[4096];
};

template <typename T> bool aligned_allocations()
{
	std::vector<std::unique_ptr<T>> kept;
	bool right = true;
	for (int i = 0; i < 500; i++) {
		kept.push_back(std::make_unique<T>());
		right = right && reinterpret_cast<std::uintptr_t>(kept.back().get()) % alignof(T) == 0;
		std::fill(std::begin(kept.back()->bytes), std::end(kept.back()->bytes), static_cast<char>(i));
		if (i % 5 == 4)
			kept.erase(kept.begin() + i / 5);
	}
	std::vector<T> array(37);
	right = right && reinterpret_cast<std::uintptr_t>(array.data()) % alignof(T) == 0;
	for (const auto &object : kept)
		right = right && std::count(std::begin(object->bytes), std::end(object->bytes), object->bytes[0]) ==
				     static_cast<long>(sizeof(T));
	return right;
}

void aligned_objects_are_aligned()
{
	check(
	    aligned_allocations<line_aligned>() && aligned_allocations<page_aligned>(), "aligned objects are aligned");
}

void failures_are_thrown()
{
	int caught = 0;
	for (int i = 0; i < 3000; i++) {
		try {
			throw std::runtime_error(text_of(i));
		} catch (const std::exception &error) {
			caught += error.what() == text_of(i);
		}
	}
	volatile size_t too_much = PTRDIFF_MAX;
	bool refused = false;
	try {
		::operator delete(::operator new(too_much));
	} catch (const std::bad_alloc &) {
		refused = true;
	}
	void *none = ::operator new(too_much, std::nothrow);
	check(caught == 3000 && refused && !none, "failures are thrown");
}

void variants_and_functions_work()
{
	std::vector<std::variant<int, std::string, std::vector<double>>> mixed;
	std::vector<std::function<long()>> calls;
	std::vector<std::any> anything;
	for (int i = 0; i < 6000; i++) {
		switch (i % 3) {
		case 0:
			mixed.emplace_back(i);
			break;
		case 1:
			mixed.emplace_back(text_of(i));
			break;
		default:
			mixed.emplace_back(std::vector<double>(i % 100, 0.5));
		}
		calls.push_back([i, text = text_of(i)] { return text == text_of(i) ? long(i) : 0L; });
		anything.emplace_back(std::optional<std::string>(text_of(i)));
	}
	long sum = 0;
	for (const auto &call : calls)
		sum += call();
	bool right = sum == 6000L * 5999 / 2;
	for (int i = 0; i < 6000; i++) {
		right = right && mixed[i].index() == static_cast<size_t>(i % 3);
		right = right && std::any_cast<const std::optional<std::string> &>(anything[i]) == text_of(i);
	}
	check(right, "variants and functions work");
}

// Objects made by one thread and freed by another.
void threads_pass_objects()
{
	std::mutex lock;
	std::vector<std::shared_ptr<std::string>> shared;
	std::vector<std::future<long>> results;
	for (int t = 0; t < 6; t++) {
		results.push_back(std::async(std::launch::async, [&, t] {
			long passed = 0;
			for (int i = 0; i < 20000; i++) {
				auto mine = std::make_shared<std::string>(text_of(t * 20000 + i));
				std::shared_ptr<std::string> other;
				{
					std::lock_guard<std::mutex> held(lock);
					shared.push_back(std::move(mine));
					if (shared.size() > 500) {
						std::swap(shared[i % 500], shared.back());
						other = std::move(shared.back());
						shared.pop_back();
					}
				}
				if (other)
					passed += std::find_if(other->begin(), other->end(), ::isdigit) != other->end();
			}
			return passed;
		}));
	}
	long passed = 0;
	for (auto &result : results)
		passed += result.get();
	std::unordered_set<std::string> left;
	for (const auto &text : shared)
		left.insert(*text);
	check(passed == 6 * 20000 - 500 && left.size() == 500, "threads pass objects");
}

} // namespace

int main()
{
	maps_hold_what_was_put();
	lists_and_queues_keep_order();
	trees_are_whole();
	strings_and_streams_agree();
	aligned_objects_are_aligned();
	failures_are_thrown();
	variants_and_functions_work();
	threads_pass_objects();
	std::cout << "all checks passed" << std::endl;
}
