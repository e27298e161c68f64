/*
 * stl ROUNDS KEYS: the containers of the C++ standard library, filled and emptied.
 *
 * Source: the node-based containers as any C++ server uses them; the mix is our own.
 * Pattern: an ordered map from strings to vectors, an unordered map from numbers to shared records that hold strings
 * too long to lie inside them, a deque of what to forget next and lists of strings cut out of a long one. Every round
 * adds KEYS keys, changes as many, and forgets the oldest half.
 */
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace
{

struct record {
	std::string name;
	std::vector<std::uint32_t> values;
	std::shared_ptr<record> parent;
};

class world
{
      public:
	void round(std::uint32_t keys)
	{
		for (std::uint32_t i = 0; i < keys; i++)
			add();
		for (std::uint32_t i = 0; i < keys; i++)
			change();
		while (order.size() > keys)
			forget();
		operations += 2 * keys;
	}

	std::uint64_t close()
	{
		while (!order.empty())
			forget();
		if (!by_name.empty() || !by_number.empty()) {
			std::fputs("something is left of what was forgotten\n", stderr);
			std::exit(1);
		}
		return sum;
	}

	std::uint64_t operations = 0;

      private:
	std::map<std::string, std::vector<std::uint32_t>> by_name;
	std::unordered_map<std::uint32_t, std::shared_ptr<record>> by_number;
	std::deque<std::uint32_t> order;
	std::shared_ptr<record> last;
	std::uint64_t sum = 0;
	std::uint64_t random_state = 0x9e3779b97f4a7c15;
	std::uint32_t next_number = 0;

	std::uint32_t random(std::uint32_t below)
	{
		random_state ^= random_state >> 12;
		random_state ^= random_state << 25;
		random_state ^= random_state >> 27;
		return static_cast<std::uint32_t>((random_state * 0x2545f4914f6cdd1d >> 32) * below >> 32);
	}

	static std::string name_of(std::uint32_t number)
	{
		return "a name that does not fit into the string itself, number " + std::to_string(number);
	}

	void add()
	{
		std::uint32_t number = next_number++;
		auto fresh = std::make_shared<record>();
		fresh->name = name_of(number);
		for (std::uint32_t i = random(20); i > 0; i--)
			fresh->values.push_back(number * i);
		if (number % 16 != 0) /* chains of at most 16 */
			fresh->parent = last;
		last = fresh;
		by_name.emplace(
		    fresh->name.substr(random(8) == 0 ? 2 : 0), std::vector<std::uint32_t>(random(30), number));
		by_number.emplace(number, std::move(fresh));
		order.push_back(number);
	}

	void change()
	{
		record &old = *by_number.at(order[random(static_cast<std::uint32_t>(order.size()))]);
		std::list<std::string> words;
		for (std::size_t from = 0; from < old.name.size();) {
			std::size_t to = std::min(old.name.find(' ', from), old.name.size());
			words.push_back(old.name.substr(from, to - from) + ", cut out of its name");
			from = to + 1;
		}
		words.sort();
		for (const std::string &word : words)
			sum += word.size() * static_cast<unsigned char>(word[0]);
		old.values.insert(old.values.begin(), words.begin()->size());
		old.values.shrink_to_fit();
	}

	void forget()
	{
		auto found = by_number.find(order.front());
		const std::string &name = found->second->name;
		auto named = by_name.find(name);
		if (named == by_name.end())
			named = by_name.find(name.substr(2));
		for (std::uint32_t value : named->second)
			sum += value;
		for (std::uint32_t value : found->second->values)
			sum = sum * 31 + value;
		by_name.erase(named);
		by_number.erase(found);
		order.pop_front();
	}
};

std::uint32_t argument(int argc, char **argv, int index)
{
	unsigned long value = index < argc ? std::strtoul(argv[index], nullptr, 10) : 0;
	if (value < 1 || value > 10000000) {
		std::fputs("usage: stl ROUNDS KEYS  (1 to 10000000)\n", stderr);
		std::exit(2);
	}
	return static_cast<std::uint32_t>(value);
}

} // namespace

int main(int argc, char **argv)
{
	std::uint32_t rounds = argument(argc, argv, 1);
	std::uint32_t keys = argument(argc, argv, 2);
	world all;
	for (std::uint32_t i = 0; i < rounds; i++)
		all.round(keys);
	std::uint64_t sum = all.close();
	std::printf("operations=%" PRIu64 " sum=%016" PRIx64 "\n", all.operations, sum);
	return 0;
}
