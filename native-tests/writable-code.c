/* Tries to have memory that can be written and executed, in the two ways there are; prints how many of them worked. */
#include <stdio.h>
#include <sys/mman.h>

int main(void)
{
    const size_t page = 4096;
    int worked = 0;
    void *both = mmap(NULL, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    worked += both != MAP_FAILED;
    void *first = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    worked += first != MAP_FAILED && mprotect(first, page, PROT_READ | PROT_EXEC) == 0;
    printf("%d\n", worked);
    return 0;
}
